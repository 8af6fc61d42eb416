package chat

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanText(t *testing.T) {
	cases := map[string]string{
		"  hello\r\nworld\r ": "hello\nworld",
		"a\x00b\x1b[31mc":     "ab[31mc",
		"abc\u202edef":        "abcdef",
		"\u200b\u200d\ufe0f":  "",
		" \n\t ":              "",
		"\u3164":              "",
		"Zoe\u0308":           "Zoë",
		"\xff\xfehi":          "\ufffdhi",
		"👩\u200d💻 ok":         "👩\u200d💻 ok",
		"你好\n\n世界":            "你好\n\n世界",
		"\tindented":          "indented",
	}
	for in, want := range cases {
		if have := cleanText(in); have != want {
			t.Errorf("cleanText(%q) = %q, want %q", in, have, want)
		}
	}
}

func TestIsEmoji(t *testing.T) {
	for _, s := range []string{"👍", "👍🏽", "❤️", "❤", "🇨🇳", "1️⃣", "#️⃣", "👩‍💻", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "🫡", "☕", "🎉"} {
		if !isEmoji(s) {
			t.Errorf("%q is an emoji", s)
		}
	}
	for _, s := range []string{"", "a", "1", "👍👍", "👍 ", "<b>", "\u200d", "👩\u200d", "\ufe0f", "🇨", "🇨🇳🇨🇳", "🏽", strings.Repeat("👩\u200d", 30) + "👩", "🏴\U000e0067", "+1", "你"} {
		if isEmoji(s) {
			t.Errorf("%q is no emoji", s)
		}
	}
}

func TestExcerpt(t *testing.T) {
	if have := excerpt("a\nb  c"); have != "a b c" {
		t.Errorf("%q", have)
	}
	if have := excerpt(strings.Repeat("长", 500)); utf8.RuneCountInString(have) != maxExcerpt {
		t.Errorf("%d characters", utf8.RuneCountInString(have))
	}
}

func FuzzCleanText(f *testing.F) {
	f.Add("  hello \r\nworld\x00\u202e")
	f.Add("Zoe\u0308 👩\u200d💻")
	f.Add("\xff\u200b")
	f.Fuzz(func(t *testing.T, s string) {
		once := cleanText(s)
		if !utf8.ValidString(once) || strings.ContainsAny(once, "\x00\r\u202e") || strings.TrimSpace(once) != once {
			t.Errorf("%q becomes %q", s, once)
		}
		if twice := cleanText(once); twice != once {
			t.Errorf("%q, then %q", once, twice)
		}
		isEmoji(s)
		excerpt(s)
	})
}
