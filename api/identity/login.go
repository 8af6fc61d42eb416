package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"parley/internal/fault"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const (
	minUserNameRunes = 2
	maxUserNameRunes = 64
	maxEmailBytes    = 254 // RFC 5321, 4.5.3.1.3
	maxLocalBytes    = 64  // RFC 5321, 4.5.3.1.1
)

// foldLogin is the form in which logins and e-mail addresses are compared:
// NFKC with case folded. What cannot be a login folds too; it matches none.
func foldLogin(typed string) string {
	if !utf8.ValidString(typed) || strings.ContainsRune(typed, 0) {
		return ""
	}
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(strings.TrimSpace(typed))))
}

// cleanLogin answers a user name or e-mail address as it is shown and as it is
// compared.
func cleanLogin(typed string) (login, key string, err error) {
	if strings.Contains(typed, "@") || strings.Contains(typed, "＠") {
		return cleanEmail(typed)
	}
	key = foldLogin(typed)
	if n := utf8.RuneCountInString(key); n < minUserNameRunes || n > maxUserNameRunes || foldLogin(key) != key {
		return "", "", fault.LoginInvalid
	}
	for i, r := range key {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
		case i > 0 && (strings.ContainsRune("._-", r) || unicode.Is(unicode.M, r)):
		default:
			return "", "", fault.LoginInvalid
		}
	}
	return norm.NFKC.String(strings.TrimSpace(typed)), key, nil
}

// cleanEmail is cleanLogin for an e-mail address. It holds what could be
// delivered by name@host and no more: no comments, no quoted parts.
func cleanEmail(typed string) (email, key string, err error) {
	key = foldLogin(typed)
	local, host, ok := strings.Cut(key, "@")
	if !ok || len(key) > maxEmailBytes || len(local) > maxLocalBytes || foldLogin(key) != key || !dotted(local) || !dotted(host) {
		return "", "", fault.LoginInvalid
	}
	for _, r := range local {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) && !strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", r) {
			return "", "", fault.LoginInvalid
		}
	}
	for label := range strings.SplitSeq(host, ".") {
		if strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return "", "", fault.LoginInvalid
		}
		for _, r := range label {
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) && r != '-' {
				return "", "", fault.LoginInvalid
			}
		}
	}
	return norm.NFKC.String(strings.TrimSpace(typed)), key, nil
}

// dotted holds for parts with single dots between them.
func dotted(s string) bool {
	return s != "" && !strings.HasPrefix(s, ".") && !strings.HasSuffix(s, ".") && !strings.Contains(s, "..")
}

// cleanLocale answers a language that the product speaks.
func cleanLocale(locale string) string {
	if strings.HasPrefix(strings.ToLower(locale), "zh") {
		return localeChinese
	}
	return localeEnglish
}

const (
	localeChinese = "zh-CN"
	localeEnglish = "en"
)
