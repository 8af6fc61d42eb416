package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxText    = 8000 // characters
	maxExcerpt = 140
)

// cleanText makes text fit to be kept and shown: valid UTF-8 in NFC, lines ended by LF, no control characters, no
// marks that turn the direction of what follows, no space around it. Text without anything to see becomes empty.
func cleanText(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\ufeff':
			return -1
		}
		return r
	}, text)
	text = strings.TrimSpace(norm.NFC.String(text))
	if strings.IndexFunc(text, visible) < 0 {
		return ""
	}
	return text
}

// visible holds for characters that leave something to see.
func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Variation_Selector, r) &&
		r != '\u3164' && r != '\u115f' && r != '\u1160' && r != '\uffa0' && r != '\u2800' && r != '\u034f'
}

// excerpt is the beginning of a text on one line.
func excerpt(text string) string {
	line := strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(line) <= maxExcerpt {
		return line
	}
	return string([]rune(line)[:maxExcerpt-1]) + "…"
}
