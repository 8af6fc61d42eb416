package meetings

import (
	"crypto/rand"
	"regexp"
	"strings"
)

// codeLetters leaves out i, l and o, which read like digits.
const codeLetters = "abcdefghjkmnpqrstuvwxyz"

var codePattern = regexp.MustCompile(`^[a-z]{3}-[a-z]{4}-[a-z]{3}$`)

// newCode draws a meeting code such as abc-defg-hjk; 23^10 of them make guessing useless.
func newCode() string {
	letters := make([]byte, 0, 10)
	buf := make([]byte, 16)
	for len(letters) < 10 {
		rand.Read(buf)
		for _, b := range buf {
			// 253 is the largest multiple of 23 in a byte; what is above would favour the first letters.
			if b < 253 && len(letters) < 10 {
				letters = append(letters, codeLetters[int(b)%len(codeLetters)])
			}
		}
	}
	return string(letters[:3]) + "-" + string(letters[3:7]) + "-" + string(letters[7:])
}

// parseCode brings what a person typed into the form of a code; not ok when it cannot be one.
func parseCode(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) == 10 && !strings.Contains(s, "-") {
		s = s[:3] + "-" + s[3:7] + "-" + s[7:]
	}
	return s, codePattern.MatchString(s)
}
