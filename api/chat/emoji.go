package chat

const (
	zeroWidthJoiner = '\u200d'
	emojiStyle      = '\ufe0f' // variation selector 16
	keycap          = '\u20e3'
	tagEnd          = '\U000e007f'
	maxEmojiBytes   = 64
)

// isEmoji holds when s is one emoji as UTS #51 (ED-17) writes it: a flag, a keycap, or elements joined by zero-width
// joiners, each with an optional skin tone, style or tags. Whether a font draws the sequence as one is not its concern.
func isEmoji(s string) bool {
	if len(s) > maxEmojiBytes {
		return false
	}
	r := []rune(s)
	switch {
	case len(r) == 2 && isRegional(r[0]) && isRegional(r[1]):
		return true
	case len(r) == 3 && isKeycapBase(r[0]) && r[1] == emojiStyle && r[2] == keycap:
		return true
	}
	for {
		n := emojiElement(r)
		if n == 0 {
			return false
		}
		if r = r[n:]; len(r) == 0 {
			return true
		}
		if r[0] != zeroWidthJoiner {
			return false
		}
		r = r[1:]
	}
}

// emojiElement is the length of the element that r begins with, 0 when there is none.
func emojiElement(r []rune) int {
	if len(r) == 0 || !isPictograph(r[0]) {
		return 0
	}
	n := 1
	if n < len(r) && (r[n] == emojiStyle || isSkinTone(r[n])) {
		n++
	}
	if n == len(r) || !isTag(r[n]) {
		return n
	}
	for n < len(r) && isTag(r[n]) {
		n++
	}
	if n < len(r) && r[n] == tagEnd {
		return n + 1
	}
	return 0
}

func isRegional(r rune) bool   { return r >= 0x1f1e6 && r <= 0x1f1ff }
func isSkinTone(r rune) bool   { return r >= 0x1f3fb && r <= 0x1f3ff }
func isTag(r rune) bool        { return r >= 0xe0020 && r <= 0xe007e }
func isKeycapBase(r rune) bool { return r >= '0' && r <= '9' || r == '#' || r == '*' }

// pictographs are the ranges of Extended_Pictographic in emoji-data.txt, the planes of symbols taken as a whole since
// new emoji are added there each year.
var pictographs = [][2]rune{
	{0xa9, 0xa9}, {0xae, 0xae}, {0x203c, 0x203c}, {0x2049, 0x2049}, {0x2122, 0x2122}, {0x2139, 0x2139}, {0x2194, 0x2199},
	{0x21a9, 0x21aa}, {0x231a, 0x231b}, {0x2328, 0x2328}, {0x2388, 0x2388}, {0x23cf, 0x23cf}, {0x23e9, 0x23f3}, {0x23f8, 0x23fa},
	{0x24c2, 0x24c2}, {0x25aa, 0x25ab}, {0x25b6, 0x25b6}, {0x25c0, 0x25c0}, {0x25fb, 0x25fe}, {0x2600, 0x27bf}, {0x2934, 0x2935},
	{0x2b05, 0x2b07}, {0x2b1b, 0x2b1c}, {0x2b50, 0x2b50}, {0x2b55, 0x2b55}, {0x3030, 0x3030}, {0x303d, 0x303d}, {0x3297, 0x3297},
	{0x3299, 0x3299}, {0x1f000, 0x1f1e5}, {0x1f200, 0x1f3fa}, {0x1f400, 0x1faff},
}

func isPictograph(r rune) bool {
	for _, p := range pictographs {
		if r >= p[0] && r <= p[1] {
			return true
		}
	}
	return false
}
