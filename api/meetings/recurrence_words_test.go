package meetings

import (
	"encoding/json"
	"os"
	"testing"
	"time"
)

func TestRecurrenceWords(t *testing.T) {
	file, err := os.ReadFile("testdata/recurrence.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Start    time.Time
		Timezone string
		Rules    []struct {
			Rule    string
			English string `json:"en"`
			Chinese string `json:"zh-CN"`
		}
	}
	if err := json.Unmarshal(file, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.Rules) == 0 {
		t.Fatal("no vectors")
	}
	for _, v := range vectors.Rules {
		s, err := NewSchedule(vectors.Start, time.Hour, vectors.Timezone, v.Rule)
		if err != nil {
			t.Errorf("%s: %v", v.Rule, err)
			continue
		}
		for locale, want := range map[string]string{"en": v.English, "zh-CN": v.Chinese} {
			if have := recurrenceLanguages[locale].say(s); have != want {
				t.Errorf("%s in %s: %q, want %q", v.Rule, locale, have, want)
			}
		}
	}
}
