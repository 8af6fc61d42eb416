package search

import (
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// surnames are characters that are read differently at the start of a name.
var surnames = map[rune]string{
	'曾': "zeng", '单': "shan", '解': "xie", '仇': "qiu", '朴': "piao", '查': "zha", '区': "ou", '盖': "ge",
	'种': "chong", '缪': "miao", '翟': "zhai", '覃': "qin", '乐': "yue", '秘': "bi", '召': "shao", '繁': "po",
	'员': "yun", '黑': "he", '折': "she", '重': "chong", '郇': "xun",
}

// doubleSurnames of two characters that are read differently.
var doubleSurnames = map[string][2]string{
	"尉迟": {"yu", "chi"}, "万俟": {"mo", "qi"}, "长孙": {"zhang", "sun"}, "单于": {"chan", "yu"}, "澹台": {"tan", "tai"},
}

// readings are the ways to read the i-th character of runes, toneless, the
// likeliest first; nil when it is no Chinese character. ü is v, and u as well.
func readings(runes []rune, i int) []string {
	args := pinyin.Args{Style: pinyin.Normal, Heteronym: true}
	list := pinyin.SinglePinyin(runes[i], args)
	if first := surnameReading(runes, i); first != "" {
		list = append([]string{first}, list...)
	}
	var all []string
	for _, r := range list {
		r = strings.ReplaceAll(r, "ü", "v")
		for _, spelling := range []string{r, strings.ReplaceAll(r, "v", "u")} {
			if spelling != "" && !slices.Contains(all, spelling) {
				all = append(all, spelling)
			}
		}
	}
	return all
}

func surnameReading(runes []rune, i int) string {
	if len(runes) >= 2 && i < 2 {
		if pair, ok := doubleSurnames[string(runes[:2])]; ok {
			return pair[i]
		}
	}
	if i == 0 {
		return surnames[runes[0]]
	}
	return ""
}
