package identity

import (
	"errors"
	"strings"
	"testing"

	"parley/internal/fault"
)

func TestCleanLogin(t *testing.T) {
	cases := []struct {
		typed, login, key string
		err               error
	}{
		{" Alice ", "Alice", "alice", nil},
		{"zhang.wei-2_x", "zhang.wei-2_x", "zhang.wei-2_x", nil},
		{"张伟", "张伟", "张伟", nil},
		{"ＡＬＩＣＥ", "ALICE", "alice", nil},
		{"Straße", "Straße", "strasse", nil},
		{"Bob@Example.COM", "Bob@Example.COM", "bob@example.com", nil},
		{"bob＠example.com", "bob@example.com", "bob@example.com", nil},
		{"bob+tag@例え.jp", "bob+tag@例え.jp", "bob+tag@例え.jp", nil},
		{"a", "", "", fault.LoginInvalid},
		{"", "", "", fault.LoginInvalid},
		{".alice", "", "", fault.LoginInvalid},
		{"al ice", "", "", fault.LoginInvalid},
		{"al\u200bice", "", "", fault.LoginInvalid},
		{"alice\x00", "", "", fault.LoginInvalid},
		{"\xff\xfe", "", "", fault.LoginInvalid},
		{strings.Repeat("a", 65), "", "", fault.LoginInvalid},
		{"@example.com", "", "", fault.LoginInvalid},
		{"bob@", "", "", fault.LoginInvalid},
		{"bob@a@b", "", "", fault.LoginInvalid},
		{"bob@-a.com", "", "", fault.LoginInvalid},
		{"bob@a..com", "", "", fault.LoginInvalid},
		{"b ob@a.com", "", "", fault.LoginInvalid},
		{strings.Repeat("a", 65) + "@a.com", "", "", fault.LoginInvalid},
	}
	for _, c := range cases {
		login, key, err := cleanLogin(c.typed)
		if login != c.login || key != c.key || !errors.Is(err, c.err) {
			t.Errorf("cleanLogin(%q) = %q, %q, %v", c.typed, login, key, err)
		}
	}
}

func FuzzLogin(f *testing.F) {
	for _, s := range []string{"alice", "ＡＬＩＣＥ", "İ", "ﬃ", "bob@example.com", "ß", "ẞ", "\u0345", "㎏", "a\u0301", "ʼn"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		login, key, err := cleanLogin(typed)
		if err != nil {
			return
		}
		if foldLogin(key) != key {
			t.Errorf("folding %q is not stable: %q", key, foldLogin(key))
		}
		if foldLogin(typed) != key {
			t.Errorf("%q signs in as %q, not %q", typed, foldLogin(typed), key)
		}
		if foldLogin(login) != key {
			t.Errorf("what is shown, %q, signs in as %q, not %q", login, foldLogin(login), key)
		}
		if foldLogin(strings.ToUpper(key)) != foldLogin(strings.ToUpper(login)) && !strings.Contains(key, "@") {
			t.Errorf("case matters for %q", typed)
		}
		if strings.ContainsAny(key, " \t\n\x00") {
			t.Errorf("key %q", key)
		}
	})
}
