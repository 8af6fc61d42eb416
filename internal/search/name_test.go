package search

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// finds says whether each term of the query begins a lexeme, as a tsvector
// would.
func finds(k NameKeys, typed string) bool {
	q := Query(typed)
	if q == "" {
		return false
	}
	for term := range strings.SplitSeq(q, " & ") {
		term = strings.TrimSuffix(strings.TrimPrefix(term, "'"), "':*")
		if !slices.ContainsFunc(k.Lexemes, func(l string) bool { return strings.HasPrefix(l, term) }) {
			return false
		}
	}
	return true
}

func TestFind(t *testing.T) {
	cases := []struct {
		name    string
		login   string
		typed   []string
		without []string
	}{
		{"张伟", "zhangw", []string{"张", "伟", "张伟", "zhang", "zhangwei", "zhangw", "wei", "zw", "z", "ＺＷ"}, []string{"李", "hang", "ang", "w伟x"}},
		{"欧阳娜娜", "nana", []string{"欧阳", "阳娜", "oynn", "ouyang", "nana", "ynn"}, []string{"欧娜"}},
		{"曾国藩", "", []string{"zeng", "zgf", "ceng"}, nil},
		{"单雄信", "", []string{"shan", "sxx", "dan"}, nil},
		{"吕布", "", []string{"lv", "lu", "lvbu", "lb"}, nil},
		{"尉迟恭", "", []string{"yuchi", "ycg"}, nil},
		{"Alice Wang", "alice@example.com", []string{"al", "wang", "alice wang", "alicewang", "alice@example.com", "example", "WANG"}, []string{"ice", "bob"}},
		{"Zoë Müller", "", []string{"zoe", "muller", "müller"}, nil},
		{"王Alice", "", []string{"王", "wang", "alice", "王alice", "wang alice"}, nil},
		{"O'Brien", "", []string{"o'brien", "obrien", "brien"}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			k := Name(c.name, c.login)
			for _, typed := range c.typed {
				if !finds(k, typed) {
					t.Errorf("%q does not find it: %q", typed, k.Lexemes)
				}
			}
			for _, typed := range c.without {
				if finds(k, typed) {
					t.Errorf("%q finds it", typed)
				}
			}
		})
	}
}

func TestOrder(t *testing.T) {
	cases := []struct {
		name string
		key  func(string) string
		want []string
	}{
		{"pinyin", func(s string) string { return Name(s).SortPinyin },
			[]string{"Alice Wang", "安琪", "Bob", "陈晨", "李雷", "李磊", "Lily", "刘洋", "欧阳娜娜", "王芳", "王伟", "张伟", "章伟", "Zoë"}},
		{"letters", func(s string) string { return Name(s).SortLetters },
			[]string{"Alice Wang", "Bob", "Lily", "Zoe", "Zoë", "安琪", "陈晨", "李雷", "王芳", "张伟"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := slices.Clone(c.want)
			slices.Reverse(got)
			slices.SortFunc(got, func(a, b string) int { return strings.Compare(c.key(a), c.key(b)) })
			if c.name == "pinyin" {
				// The two of 李 L-e-i share their sound; their order is only stable.
				i := slices.Index(got, "李雷")
				j := slices.Index(got, "李磊")
				if i-j != 1 && j-i != 1 {
					t.Errorf("李雷 and 李磊 are apart: %q", got)
				}
				if i > j {
					got[i], got[j] = got[j], got[i]
				}
				i, j = slices.Index(got, "张伟"), slices.Index(got, "章伟")
				if i > j {
					got[i], got[j] = got[j], got[i]
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestQueryCannotBreakOut(t *testing.T) {
	for _, typed := range []string{"", "  ", "'", `\`, "!!!", "&|", ":*", "😀"} {
		if q := Query(typed); q != "" {
			t.Errorf("Query(%q) = %q", typed, q)
		}
	}
	if n := strings.Count(Query(strings.Repeat("a ", 1000)), "&"); n != maxTerms-1 {
		t.Errorf("%d operators", n)
	}
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"", "张伟", "Alice Wang", "王Alice", "ﬃ", "İ", "a\x00b", "\xff\xfe", strings.Repeat("乐行", 60)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k := Name(s, s)
		if len(k.Lexemes) > maxLexemes {
			t.Errorf("%d lexemes", len(k.Lexemes))
		}
		for _, l := range k.Lexemes {
			if l == "" || !utf8.ValidString(l) {
				t.Errorf("lexeme %q", l)
			}
		}
		if again := Name(s, s); again.SortPinyin != k.SortPinyin || !slices.Equal(again.Lexemes, k.Lexemes) {
			t.Error("not the same twice")
		}
		Query(s)
	})
}
