package search

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

const (
	maxRunes    = 100 // of one name or query that are looked at
	maxLexemes  = 256 // of one name
	maxReadings = 8   // of one run of Chinese characters, for names of several readings
	maxTerms    = 8   // of one query
)

// NameKeys are what is stored beside a name.
type NameKeys struct {
	SortPinyin  string   // Chinese by pinyin, among the letters
	SortLetters string   // letters first, then everything else; Chinese by pinyin too
	Lexemes     []string // sorted, without doubles
}

// Name makes the keys of a name. Words are other strings by which it shall be
// found, such as a login.
func Name(name string, words ...string) NameKeys {
	k := NameKeys{SortPinyin: sortKey(name, ""), SortLetters: sortKey(name, "\U0010FFFF")}
	set := map[string]bool{}
	for _, s := range append([]string{name}, words...) {
		for _, l := range lexemes(s) {
			if len(set) < maxLexemes {
				set[l] = true
			}
		}
	}
	for l := range set {
		k.Lexemes = append(k.Lexemes, l)
	}
	slices.Sort(k.Lexemes)
	return k
}

// Query is the tsquery that finds the names which what was typed is the
// beginning of, a word for a word. Empty when nothing in it can be searched
// for.
func Query(typed string) string {
	var terms []string
	for _, r := range split(clip(typed)) {
		term := "'" + strings.ReplaceAll(strings.ReplaceAll(string(r.text), `\`, `\\`), "'", "''") + "':*"
		if len(terms) < maxTerms {
			terms = append(terms, term)
		}
	}
	return strings.Join(terms, " & ")
}

// Fold makes strings that people take for the same equal: width (NFKC), case
// and accents.
func Fold(s string) string {
	strip := transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFKC)
	folded, _, err := transform.String(strip, cases.Fold().String(norm.NFKC.String(s)))
	if err != nil {
		return s
	}
	return folded
}

// clip folds no more of s than is looked at, so that work and keys are
// bounded whatever comes in.
func clip(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxRunes {
			s = s[:i]
			break
		}
	}
	return Fold(s)
}

// run is a stretch of one kind of characters.
type run struct {
	text []rune
	han  bool
}

// split cuts a folded string into runs of Chinese characters and of other
// letters and digits.
func split(s string) []run {
	var list []run
	open := false
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			open = false
			continue
		}
		han := unicode.Is(unicode.Han, r)
		if !open || list[len(list)-1].han != han {
			list = append(list, run{han: han})
			open = true
		}
		last := &list[len(list)-1]
		last.text = append(last.text, r)
	}
	return list
}

// lexemes are what a name is found by when one types their beginning: each
// word, words in a row written together, and of Chinese each ending in
// characters, pinyin and initials.
func lexemes(name string) []string {
	words := split(clip(name))
	var list []string
	for i, w := range words {
		if w.han {
			list = append(list, hanLexemes(w.text)...)
			continue
		}
		joined := ""
		for _, next := range words[i:] {
			if next.han {
				break
			}
			joined += string(next.text)
			list = append(list, joined)
		}
	}
	return list
}

func hanLexemes(text []rune) []string {
	var list []string
	for start := range text {
		list = append(list, string(text[start:]))
		full, initials := []string{""}, []string{""}
		for i := start; i < len(text); i++ {
			spoken := readings(text, i)
			if spoken == nil {
				break
			}
			full, initials = appendReadings(full, initials, spoken)
		}
		list = append(list, full...)
		list = append(list, initials...)
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// appendReadings continues each beginning with each reading, up to
// maxReadings of them; the likeliest come first and stay.
func appendReadings(full, initials, spoken []string) (nextFull, nextInitials []string) {
	for i := range spoken {
		for j := range full {
			if len(nextFull) == maxReadings {
				return nextFull, nextInitials
			}
			nextFull = append(nextFull, full[j]+spoken[i])
			nextInitials = append(nextInitials, initials[j]+spoken[i][:1])
		}
	}
	return nextFull, nextInitials
}

// sortKey orders as a reader does when bytes are compared: syllable by
// syllable, equal sounds by character, the name itself last. Chinese begins
// with hanPrefix.
func sortKey(name, hanPrefix string) string {
	text := []rune(clip(name))
	var b strings.Builder
	if len(text) > 0 && !isLatin(text[0]) {
		b.WriteString(hanPrefix)
	}
	for i, r := range text {
		if spoken := readings(text, i); unicode.Is(unicode.Han, r) && spoken != nil {
			b.WriteString(spoken[0] + "\x01" + string(r) + "\x01")
		} else {
			b.WriteRune(r)
		}
	}
	return b.String() + "\x02" + name
}

func isLatin(r rune) bool { return unicode.Is(unicode.Latin, r) || unicode.IsDigit(r) }
