// Package names decides which strings may be shown as a name, of a person, a
// department or a company, and makes equal names equal bytes.
package names

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"parley/internal/fault"

	"golang.org/x/text/unicode/norm"
)

// MaxRunes is the longest name.
const MaxRunes = 80

const (
	zeroWidthJoiner    = '\u200d' // within emoji
	zeroWidthNonJoiner = '\u200c' // within Persian and other scripts
)

// Clean answers name in NFC with single spaces and none around it. A name
// that is empty, too long, or has characters that cannot be seen or that turn
// the writing direction is refused with [fault.NameInvalid].
func Clean(name string) (string, error) {
	if !utf8.ValidString(name) || len(name) > 16*MaxRunes {
		return "", fault.NameInvalid
	}
	name = strings.Join(strings.Fields(norm.NFC.String(name)), " ")
	if n := utf8.RuneCountInString(name); n == 0 || n > MaxRunes {
		return "", fault.NameInvalid
	}
	visible := false
	for _, r := range name {
		if !allowed(r) {
			return "", fault.NameInvalid
		}
		visible = visible || unicode.In(r, unicode.L, unicode.N, unicode.So, unicode.P)
	}
	if !visible {
		return "", fault.NameInvalid
	}
	return name, nil
}

func allowed(r rune) bool {
	if r == ' ' || r == zeroWidthJoiner || r == zeroWidthNonJoiner {
		return true
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S) && !invisible[r]
}

// invisible are letters and marks that draw nothing.
var invisible = map[rune]bool{
	'\u115f': true, '\u1160': true, '\u3164': true, '\uffa0': true, '\u2800': true, '\u034f': true, '\u17b4': true, '\u17b5': true,
}
