package secret

import (
	"bytes"
	"net/url"
	"testing"
)

func TestSecretsDifferAndAreKnownByTheirHash(t *testing.T) {
	text, hash := New("pat_")
	other, otherHash := New("pat_")
	if text == other || bytes.Equal(hash, otherHash) || !bytes.Equal(hash, Hash(text)) {
		t.Errorf("%q %x, %q %x", text, hash, other, otherHash)
	}
	if url.QueryEscape(text) != text {
		t.Errorf("%q is not safe in URLs", text)
	}
}

func TestPlausible(t *testing.T) {
	text, _ := New("pat_")
	for name, c := range map[string]struct {
		text, prefix string
		want         bool
	}{
		"made with the prefix":    {text, "pat_", true},
		"without a prefix":        {text[4:], "", true},
		"with another prefix":     {text, "pst_", false},
		"a prefix instead of two": {text, "", false},
		"cut off":                 {text[:len(text)-1], "pat_", false},
		"longer":                  {text + "a", "pat_", false},
		"empty":                   {"", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Plausible(c.text, c.prefix); got != c.want {
				t.Errorf("%v", got)
			}
		})
	}
}
