package search

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxPositions   = 16_000 // of one text; PostgreSQL counts no further than 16,383
	maxPlaces      = 250    // of one lexeme; PostgreSQL keeps 255
	maxLexemeBytes = 1_000  // of one word; PostgreSQL takes 2,046
)

// token is a lexeme at its place in a text. Of a run of Chinese, Japanese or Korean every two neighbours are one, and so is
// the last character by itself: what begins with a character finds it wherever it stands.
type token struct {
	lexeme string
	at     int
}

// Text is the tsvector, in the text form of PostgreSQL, by which the words and any characters in a row of a text are found
// with [TextQuery]. Of a very long text the first 16,000 words or Chinese characters count.
func Text(text string) string {
	places := map[string][]int{}
	var order []string
	for _, t := range tokens(Fold(text), maxPositions) {
		if places[t.lexeme] == nil {
			order = append(order, t.lexeme)
		}
		if len(places[t.lexeme]) < maxPlaces {
			places[t.lexeme] = append(places[t.lexeme], t.at)
		}
	}
	var b strings.Builder
	for _, lexeme := range order {
		b.WriteString(quote(lexeme))
		for i, at := range places[lexeme] {
			fmt.Fprintf(&b, "%c%d", ":,"[min(i, 1)], at)
		}
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

// TextQuery is the tsquery that finds texts which hold what was typed: between spaces as it stands, the end of a word may be
// missing. Empty when nothing in it can be searched for.
func TextQuery(typed string) string {
	var phrases []string
	for chunk := range strings.FieldsSeq(clip(typed)) {
		if p := phrase(tokens(chunk, maxRunes)); p != "" && len(phrases) < maxTerms {
			phrases = append(phrases, p)
		}
	}
	return strings.Join(phrases, " & ")
}

// phrase writes tokens that follow each other. The last character of a run is in the pair before it already, unless it is
// alone.
func phrase(list []token) string {
	var b strings.Builder
	last := 0
	for i, t := range list {
		if i > 0 && single(t) && !single(list[i-1]) && t.at == list[i-1].at+1 && list[i-1].cjk() {
			continue
		}
		if b.Len() > 0 {
			fmt.Fprintf(&b, " <%d> ", t.at-last)
		}
		b.WriteString(quote(t.lexeme))
		if i == len(list)-1 || single(t) {
			b.WriteString(":*")
		}
		last = t.at
	}
	if b.Len() == 0 {
		return ""
	}
	return "(" + b.String() + ")"
}

func (t token) cjk() bool {
	r, _ := utf8.DecodeRuneInString(t.lexeme)
	return isCJK(r)
}

// single holds for one character of a language without spaces.
func single(t token) bool { return utf8.RuneCountInString(t.lexeme) == 1 && t.cjk() }

// tokens cuts a folded text, no further than a number of places.
func tokens(folded string, limit int) []token {
	var list []token
	var run []rune
	at := 1
	flush := func() {
		if len(run) == 0 {
			return
		}
		if !isCJK(run[0]) {
			if word := string(run); len(word) <= maxLexemeBytes {
				list = append(list, token{word, at})
			}
			at++
		} else {
			for i := range run {
				list = append(list, token{string(run[i:min(i+2, len(run))]), at})
				at++
			}
		}
		run = run[:0]
	}
	for _, r := range folded {
		if at+len(run) > limit {
			break
		}
		isText := unicode.IsLetter(r) || unicode.IsDigit(r)
		if len(run) > 0 && (!isText || isCJK(run[0]) != isCJK(r)) {
			flush()
		}
		if isText {
			run = append(run, r)
		}
	}
	flush()
	return list
}

// isCJK holds for characters of languages that are written without spaces.
func isCJK(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai) || r == 'ー'
}

func quote(lexeme string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(lexeme, `\`, `\\`), "'", "''") + "'"
}

// Part is a piece of an excerpt.
type Part struct {
	Text string
	Hit  bool // this is what was searched for
}

const (
	runesBefore = 24 // of a hit in an excerpt
	runesAfter  = 60
)

// Excerpt answers the line of a text in which what was typed is found, cut around it; nil when it is in none.
func Excerpt(text, typed string) []Part {
	for chunk := range strings.FieldsSeq(clip(typed)) {
		for line := range strings.Lines(text) {
			if parts := excerpt(strings.TrimSpace(line), chunk); parts != nil {
				return parts
			}
		}
	}
	return nil
}

func excerpt(line, wanted string) []Part {
	from, to, ok := find(line, wanted)
	if !ok {
		return nil
	}
	parts := make([]Part, 0, 3)
	if before := []rune(line[:from]); len(before) > runesBefore {
		parts = append(parts, Part{Text: "…" + string(before[len(before)-runesBefore:])})
	} else if len(before) > 0 {
		parts = append(parts, Part{Text: line[:from]})
	}
	parts = append(parts, Part{Text: line[from:to], Hit: true})
	if after := []rune(line[to:]); len(after) > runesAfter {
		parts = append(parts, Part{Text: string(after[:runesAfter]) + "…"})
	} else if len(after) > 0 {
		parts = append(parts, Part{Text: line[to:]})
	}
	return parts
}

// find is where a folded string stands in a line as it was written, in bytes.
func find(line, wanted string) (from, to int, ok bool) {
	var folded strings.Builder
	origin := make([]int, 0, len(line)+1) // of each folded byte: where its character begins
	for i, r := range line {
		piece := Fold(string(r))
		for range len(piece) {
			origin = append(origin, i)
		}
		folded.WriteString(piece)
	}
	at := strings.Index(folded.String(), wanted)
	if at < 0 || wanted == "" {
		return 0, 0, false
	}
	from, last := origin[at], origin[at+len(wanted)-1]
	_, size := utf8.DecodeRuneInString(line[last:])
	return from, last + size, true
}
