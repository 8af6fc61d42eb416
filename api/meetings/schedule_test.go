package meetings

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v.UTC()
}

func TestScheduleNext(t *testing.T) {
	cases := []struct {
		name, start, zone, rule, now, over, want string
	}{
		{"once, before", "2026-05-04T09:00:00Z", "UTC", "", "2026-05-01T00:00:00Z", "", "2026-05-04T09:00:00Z"},
		{"once, while it runs", "2026-05-04T09:00:00Z", "UTC", "", "2026-05-04T09:59:00Z", "", "2026-05-04T09:00:00Z"},
		{"once, after", "2026-05-04T09:00:00Z", "UTC", "", "2026-05-04T10:00:00Z", "", ""},
		{"once, ended by the host", "2026-05-04T09:00:00Z", "UTC", "", "2026-05-04T09:20:00Z", "2026-05-04T09:20:00Z", ""},
		{"weekly keeps nine o'clock into summer time", "2026-03-02T14:00:00Z", "America/New_York", "FREQ=WEEKLY", "2026-03-08T00:00:00Z", "", "2026-03-09T13:00:00Z"},
		{"weekly keeps nine o'clock into winter time", "2026-10-26T13:00:00Z", "America/New_York", "FREQ=WEEKLY", "2026-10-27T00:00:00Z", "", "2026-11-02T14:00:00Z"},
		{"southern hemisphere", "2026-03-29T22:00:00Z", "Australia/Sydney", "FREQ=WEEKLY", "2026-03-31T00:00:00Z", "", "2026-04-05T23:00:00Z"},
		{"a time that the clock skips", "2026-03-07T07:30:00Z", "America/New_York", "FREQ=DAILY", "2026-03-08T00:00:00Z", "", "2026-03-08T07:30:00Z"},
		{"and the day after", "2026-03-07T07:30:00Z", "America/New_York", "FREQ=DAILY", "2026-03-08T12:00:00Z", "", "2026-03-09T06:30:00Z"},
		{"a time that comes twice is the first", "2026-10-31T05:30:00Z", "America/New_York", "FREQ=DAILY", "2026-11-01T00:00:00Z", "", "2026-11-01T05:30:00Z"},
		{"half-hour summer time", "2026-04-03T22:45:00Z", "Australia/Lord_Howe", "FREQ=DAILY", "2026-04-05T01:00:00Z", "", "2026-04-05T23:15:00Z"},
		{"no summer time", "2026-03-02T01:00:00Z", "Asia/Shanghai", "FREQ=WEEKLY;BYDAY=MO", "2026-07-01T00:00:00Z", "", "2026-07-06T01:00:00Z"},
		{"count is used up", "2026-05-04T09:00:00Z", "UTC", "FREQ=DAILY;COUNT=2", "2026-05-05T10:00:00Z", "", ""},
		{"until a date includes it", "2026-05-04T22:00:00Z", "Asia/Shanghai", "FREQ=DAILY;UNTIL=20260506", "2026-05-05T00:00:00Z", "", "2026-05-05T22:00:00Z"},
		{"and no more", "2026-05-04T22:00:00Z", "Asia/Shanghai", "FREQ=DAILY;UNTIL=20260506", "2026-05-05T23:00:00Z", "", ""},
		{"the host ended today's", "2026-05-04T09:00:00Z", "UTC", "FREQ=DAILY", "2026-05-06T09:10:00Z", "2026-05-06T09:10:00Z", "2026-05-07T09:00:00Z"},
		{"last Friday of the month", "2026-01-30T09:00:00Z", "UTC", "FREQ=MONTHLY;BYDAY=-1FR", "2026-02-01T00:00:00Z", "", "2026-02-27T09:00:00Z"},
		{"the 31st skips short months", "2026-01-31T09:00:00Z", "UTC", "FREQ=MONTHLY", "2026-02-01T00:00:00Z", "", "2026-03-31T09:00:00Z"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := NewSchedule(at(t, c.start), time.Hour, c.zone, c.rule)
			if err != nil {
				t.Fatal(err)
			}
			var over time.Time
			if c.over != "" {
				over = at(t, c.over)
			}
			next, ok := s.Next(at(t, c.now), over)
			if c.want == "" {
				if ok {
					t.Fatalf("have %v, want none", next)
				}
				return
			}
			if want := at(t, c.want); !ok || !next.Equal(want) {
				t.Fatalf("have %v %v, want %v", next, ok, want)
			}
		})
	}
}

func TestScheduleMovesToTheFirstOccurrence(t *testing.T) {
	s, err := NewSchedule(at(t, "2026-05-04T09:00:00Z"), time.Hour, "UTC", "RRULE:freq=weekly;byday=we;count=2")
	if err != nil {
		t.Fatal(err)
	}
	if want := at(t, "2026-05-06T09:00:00Z"); !s.Start().Equal(want) {
		t.Errorf("starts %v, want %v", s.Start(), want)
	}
	if end, ok := s.End(); !ok || !end.Equal(at(t, "2026-05-13T10:00:00Z")) {
		t.Errorf("ends %v %v", end, ok)
	}
	if s.Rule() != "FREQ=WEEKLY;COUNT=2;BYDAY=WE" {
		t.Errorf("rule %q", s.Rule())
	}
}

func TestScheduleUntilIsWrittenInUTC(t *testing.T) {
	s, err := NewSchedule(at(t, "2026-05-04T09:00:00Z"), time.Hour, "Asia/Shanghai", "FREQ=DAILY;UNTIL=20260506")
	if err != nil || s.Rule() != "FREQ=DAILY;UNTIL=20260506T155959Z" {
		t.Fatalf("rule %q, error %v", s.Rule(), err)
	}
	again, err := NewSchedule(s.Start(), time.Hour, "Asia/Shanghai", s.Rule())
	if err != nil || again.Rule() != s.Rule() {
		t.Errorf("again %q, error %v", again.Rule(), err)
	}
}

func TestScheduleRefuses(t *testing.T) {
	start := at(t, "2026-05-04T09:00:00Z")
	for _, rule := range []string{
		"daily", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=1,2,3", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=100000", "FREQ=DAILY;COUNT=-1",
		"FREQ=DAILY;INTERVAL=1000", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;UNTIL=20200101", "FREQ=DAILY;UNTIL=tomorrow", "FREQ=DAILY;COUNT=1;UNTIL=20270101",
		"FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;BYDAY=XX", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYSETPOS=1",
		"FREQ=DAILY\nDTSTART:19700101T000000Z", "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;INTERVAL=14;BYDAY=TU", "FREQ=MONTHLY;BYDAY=53MO", "FREQ=YEARLY;BYDAY=6MO;BYMONTH=1", "FREQ=YEARLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=99", "FREQ=DAILY;" + strings.Repeat("X", 300),
	} {
		if s, err := NewSchedule(start, time.Hour, "UTC", rule); err == nil {
			t.Errorf("%q was taken as %q", rule, s.Rule())
		} else if _, ok := asRuleError(err); !ok {
			t.Errorf("%q: %v is not about the rule", rule, err)
		}
	}
	for _, zone := range []string{"", "Local", "Mars/Base", "../../etc/passwd"} {
		if _, err := NewSchedule(start, time.Hour, zone, ""); err == nil {
			t.Errorf("zone %q was taken", zone)
		}
	}
}

func FuzzSchedule(f *testing.F) {
	f.Add("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10", "America/New_York", int64(1772460000))
	f.Add("FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=-1", "Asia/Shanghai", int64(1772460000))
	f.Add("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;UNTIL=20400101T000000Z", "Australia/Lord_Howe", int64(1772460000))
	f.Fuzz(func(t *testing.T, rule, zone string, unix int64) {
		if unix < 0 || unix > 4102444800 {
			return
		}
		start := time.Unix(unix, 0)
		watchdog := time.AfterFunc(5*time.Second, func() { panic(fmt.Sprintf("%q in %s from %d does not end", rule, zone, unix)) })
		defer watchdog.Stop()
		s, err := NewSchedule(start, time.Hour, zone, rule)
		if err != nil {
			return
		}
		if s.Start().Before(start.Truncate(time.Second)) && s.rule != nil {
			t.Errorf("%q in %s: starts %v before %v", rule, zone, s.Start(), start)
		}
		if next, ok := s.Next(start.Add(-time.Minute), time.Time{}); !ok || !next.Equal(s.Start()) {
			t.Errorf("%q in %s: first is %v %v, start is %v", rule, zone, next, ok, s.Start())
		}
		again, err := NewSchedule(s.Start(), time.Hour, zone, s.Rule())
		if err != nil || again.Rule() != s.Rule() || !again.Start().Equal(s.Start()) {
			t.Errorf("%q in %s: again %q %v, %v", rule, zone, again.Rule(), again.Start(), err)
		}
	})
}
