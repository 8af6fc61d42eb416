package search

import (
	"strings"
	"testing"
)

func TestTextAndQuery(t *testing.T) {
	cases := []struct{ text, vector, typed, query string }{
		{"白板", `'白板':1 '板':2`, "白板", `('白板')`},
		{"产品白板", `'产品':1 '品白':2 '白板':3 '板':4`, "品白板", `('品白' <1> '白板')`},
		{"板", `'板':1`, "板", `('板':*)`},
		{"Q3预算 plan", `'q3':1 '预算':2 '算':3 'plan':4`, "", ``},
		{"Über O'Neill", `'uber':1 'o':2 'neill':3`, "ÜBER neil", `('uber':*) & ('neil':*)`},
		{"plan plan", `'plan':1,2`, "plan plan", `('plan':*) & ('plan':*)`},
		{"预算plan", `'预算':1 '算':2 'plan':3`, "预算plan", `('预算' <2> 'plan':*)`},
		{"算x", `'算':1 'x':2`, "算x", `('算':* <1> 'x':*)`},
		{"!?", ``, "'\\!", ``},
	}
	for _, c := range cases {
		if got := Text(c.text); got != c.vector {
			t.Errorf("text %q: %s, want %s", c.text, got, c.vector)
		}
		if got := TextQuery(c.typed); got != c.query {
			t.Errorf("query %q: %s, want %s", c.typed, got, c.query)
		}
	}
}

func TestTextIsBounded(t *testing.T) {
	vector := Text(strings.Repeat("白", 40_000) + strings.Repeat("x", 5_000))
	if strings.Contains(vector, "x") || len(vector) > 4_000 {
		t.Errorf("%d bytes", len(vector))
	}
	if n := strings.Count(Text(strings.Repeat("word ", 20_000)), ","); n != maxPlaces-1 {
		t.Errorf("%d places", n+1)
	}
}

func TestExcerpt(t *testing.T) {
	text := "Retro\n" + strings.Repeat("前", 40) + "第三季度ＰＬＡＮ" + strings.Repeat("后", 80) + "\n"
	parts := Excerpt(text, "季度plan")
	if len(parts) != 3 || !parts[1].Hit || parts[1].Text != "季度ＰＬＡＮ" {
		t.Fatalf("%+v", parts)
	}
	if !strings.HasPrefix(parts[0].Text, "…前") || !strings.HasSuffix(parts[2].Text, "后…") {
		t.Errorf("%+v", parts)
	}
	if parts := Excerpt("Café", "CAFE"); len(parts) != 1 || parts[0] != (Part{"Café", true}) {
		t.Errorf("%+v", parts)
	}
	if parts := Excerpt(text, "nothing"); parts != nil {
		t.Errorf("%+v", parts)
	}
}
