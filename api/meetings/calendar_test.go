package meetings

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
)

var update = flag.Bool("update", false, "write the golden files")

func entry(t testing.TB, start, zone, rule string) calendarEntry {
	t.Helper()
	when, err := time.Parse(time.RFC3339, start)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSchedule(when, 90*time.Minute, zone, rule)
	if err != nil {
		t.Fatal(err)
	}
	return calendarEntry{
		UID: "0199f3a0-0000-7000-8000-000000000001@parley", Sequence: 2, Title: "季度回顾; plan, \"next\"\nsteps",
		Description: "张三 邀请您参加会议\n\n链接: https://meet.example.com/m/abc-defg-hjk " + strings.Repeat("很长的说明", 20),
		URL:         "https://meet.example.com/m/abc-defg-hjk", OrganizerName: `张三 "三;哥": O'Neil`, OrganizerEmail: "zhang@example.com",
		Schedule: s, Timezone: zone, Changed: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

func TestCalendarFileGolden(t *testing.T) {
	cases := map[string]calendarEntry{
		"once":      entry(t, "2026-05-04T01:00:00Z", "Asia/Shanghai", ""),
		"shanghai":  entry(t, "2026-05-04T01:00:00Z", "Asia/Shanghai", "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10"),
		"newyork":   entry(t, "2026-05-04T13:00:00Z", "America/New_York", "FREQ=WEEKLY;UNTIL=20270101"),
		"lordhowe":  entry(t, "2026-05-04T01:00:00Z", "Australia/Lord_Howe", "FREQ=MONTHLY;BYDAY=-1FR"),
		"cancelled": entry(t, "2026-05-04T01:00:00Z", "UTC", ""),
	}
	c := cases["cancelled"]
	c.Cancelled = true
	cases["cancelled"] = c
	for name, e := range cases {
		t.Run(name, func(t *testing.T) {
			have := calendarFile(e)
			golden := filepath.Join("testdata", name+".ics")
			if *update {
				if err := os.WriteFile(golden, have, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(have, want) {
				t.Errorf("differs from %s:\n%s", golden, have)
			}
			checkCalendar(t, have, e)
		})
	}
}

// checkCalendar reads the file back and holds it to the rules of RFC 5545 about lines.
func checkCalendar(t *testing.T, file []byte, e calendarEntry) {
	t.Helper()
	if bytes.Count(file, []byte("\n")) != bytes.Count(file, []byte("\r\n")) {
		t.Error("a line does not end in CRLF")
	}
	for line := range bytes.SplitSeq(file, []byte("\r\n")) {
		if len(line) > 75 || !utf8.Valid(line) {
			t.Errorf("line of %d bytes, or cut within a character: %q", len(line), line)
		}
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	events := cal.Events()
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	event := events[0]
	if event.Id() != e.UID {
		t.Errorf("UID %q", event.Id())
	}
	if have := event.GetProperty(ics.ComponentPropertySummary).Value; ics.FromText(have) != oneLine(e.Title) && have != oneLine(e.Title) {
		t.Errorf("title %q, want %q", have, oneLine(e.Title))
	}
	if start, err := event.GetStartAt(); err != nil || !start.Equal(e.Schedule.start) {
		t.Errorf("starts %v %v, want %v", start, err, e.Schedule.start)
	}
	if (e.Schedule.rule != nil) != event.HasProperty(ics.ComponentPropertyRrule) {
		t.Error("the rule is missing or too much")
	}
}

func TestZoneComponentAgreesWithTheZone(t *testing.T) {
	for _, id := range []string{"America/New_York", "Europe/Berlin", "Asia/Shanghai", "Australia/Sydney", "Africa/Casablanca", "Asia/Kolkata", "America/Sao_Paulo", "UTC"} {
		zone, err := time.LoadLocation(id)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
		observances := observancesOf(t, zoneComponent(id, zone, start))
		times := []time.Time{start}
		for month := range 115 {
			times = append(times, start.AddDate(0, month, 0))
		}
		for at := start; ; {
			_, at = at.In(zone).ZoneBounds()
			if at.IsZero() || at.After(start.AddDate(0, 115, 0)) {
				break
			}
			times = append(times, at.Add(-time.Second), at)
		}
		for _, at := range times {
			_, want := at.In(zone).Zone()
			if have := offsetFrom(observances, at); have != want {
				t.Fatalf("%s at %v: %d by the file, %d by the zone", id, at, have, want)
			}
		}
	}
}

// observed is a part of a zone component as a calendar program reads it.
type observed struct {
	clock    time.Time
	from, to int
	rule     *Schedule // nil for a single change
}

func observancesOf(t *testing.T, zone *ics.VTimezone) (list []observed) {
	t.Helper()
	for _, c := range zone.SubComponents() {
		var base ics.ComponentBase
		switch c := c.(type) {
		case *ics.Standard:
			base = c.ComponentBase
		case *ics.Daylight:
			base = c.ComponentBase
		}
		o := observed{from: offsetOf(t, base, ics.PropertyTzoffsetfrom), to: offsetOf(t, base, ics.PropertyTzoffsetto)}
		var err error
		if o.clock, err = time.Parse(icsLocal, base.GetProperty(ics.ComponentPropertyDtStart).Value); err != nil {
			t.Fatal(err)
		}
		if rule := base.GetProperty(ics.ComponentPropertyRrule); rule != nil {
			s, err := NewSchedule(o.clock, time.Hour, "UTC", rule.Value)
			if err != nil {
				t.Fatal(err)
			}
			o.rule = &s
		}
		list = append(list, o)
	}
	return list
}

// offsetFrom reads the offset at a time as a calendar program would: the latest change before it rules.
func offsetFrom(list []observed, at time.Time) (offset int) {
	var latest time.Time
	for _, o := range list {
		from := time.Duration(o.from) * time.Second
		when := o.clock.Add(-from)
		if o.rule != nil {
			when = o.rule.rule.Before(at.Add(from), true).Add(-from)
		}
		if !when.After(at) && when.After(latest) {
			latest, offset = when, o.to
		}
	}
	return offset
}

func offsetOf(t *testing.T, base ics.ComponentBase, p ics.Property) int {
	t.Helper()
	v, err := time.Parse("-0700", base.GetProperty(ics.ComponentProperty(p)).Value)
	if err != nil {
		t.Fatal(err)
	}
	_, offset := v.Zone()
	return offset
}

func TestInvitationText(t *testing.T) {
	s, err := NewSchedule(time.Date(2026, 5, 4, 1, 0, 0, 0, time.UTC), time.Hour, "Asia/Shanghai", "FREQ=WEEKLY;INTERVAL=2")
	if err != nil {
		t.Fatal(err)
	}
	i := invitation{Host: "张三", Title: "周会", URL: "https://meet.example.com/m/abc-defg-hjk", Code: "abc-defg-hjk",
		Schedule: s, Start: s.Start(), Timezone: "Asia/Shanghai", GuestsAllowed: true}
	want := map[string]string{
		"zh-CN": "张三 邀请您参加会议\n\n主题：周会\n时间：2026 年 5 月 4 日 周一 09:00 – 10:00（Asia/Shanghai，UTC+08:00）\n重复：每 2 周的周一\n链接：https://meet.example.com/m/abc-defg-hjk\n会议号：abc-defg-hjk\n\n无需账号：打开链接，输入姓名即可参加。",
		"en":    "张三 invites you to a meeting\n\nTitle: 周会\nWhen: Monday, 4 May 2026, 09:00 – 10:00 (Asia/Shanghai, UTC+08:00)\nRepeats: every 2 weeks on Monday\nLink: https://meet.example.com/m/abc-defg-hjk\nCode: abc-defg-hjk\n\nNo account is needed: open the link and enter your name.",
	}
	for locale, text := range want {
		if have := i.text(locale); have != text {
			t.Errorf("%s:\n%s", locale, have)
		}
	}
	i.Instant, i.GuestsAllowed = true, false
	if have := i.text("en"); strings.Contains(have, "When") || !strings.Contains(have, "Sign in") {
		t.Errorf("instant:\n%s", have)
	}
}

func TestAttendanceCSV(t *testing.T) {
	joined := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	left := joined.Add(30*time.Minute + 6*time.Second)
	have := string(attendanceCSV([]AttendanceEntry{
		{Name: "Ada, \"the first\"", JoinedAt: joined, LeftAt: &left},
		{Name: "=HYPERLINK(\"http://evil\")", Guest: true, JoinedAt: joined},
		{Name: "=1+1", JoinedAt: joined, LeftAt: &left},
	}, "en", joined.Add(time.Minute)))
	want := "\ufeffName,Guest,Joined (UTC),Left (UTC),Minutes\r\n" +
		"\"Ada, \"\"the first\"\"\",,2026-05-04 09:00:00,2026-05-04 09:30:06,30.1\r\n" +
		"\"'=HYPERLINK(\"\"http://evil\"\")\",yes,2026-05-04 09:00:00,,1.0\r\n" +
		"'=1+1,,2026-05-04 09:00:00,2026-05-04 09:30:06,30.1\r\n"
	if have != want {
		t.Errorf("have\n%q\nwant\n%q", have, want)
	}
}

func FuzzCalendarFile(f *testing.F) {
	f.Add("季度回顾", "张三", "线一\nline two;,\\")
	f.Add("BEGIN:VEVENT\r\nX", "\";:", "\r\nEND:VCALENDAR")
	f.Fuzz(func(t *testing.T, title, name, description string) {
		if !utf8.ValidString(title+name+description) || strings.ContainsAny(title+description, "\r") {
			return
		}
		e := entry(t, "2026-05-04T01:00:00Z", "America/New_York", "FREQ=WEEKLY")
		e.Title, e.OrganizerName, e.Description = title, name, description
		file := calendarFile(e)
		cal, err := ics.ParseCalendar(bytes.NewReader(file))
		if err != nil || len(cal.Events()) != 1 {
			t.Fatalf("%v:\n%s", err, file)
		}
	})
}

func FuzzNewCode(f *testing.F) {
	f.Add("ABC-defg-hjk")
	f.Add("abcdefghjk")
	f.Fuzz(func(t *testing.T, s string) {
		if code, ok := parseCode(s); ok {
			if again, ok := parseCode(code); !ok || again != code {
				t.Errorf("%q becomes %q, then %q", s, code, again)
			}
		}
	})
}

func TestNewCode(t *testing.T) {
	seen := map[string]bool{}
	for range 10_000 {
		code := newCode()
		if _, ok := parseCode(code); !ok || strings.ContainsAny(code, "ilo") || seen[code] {
			t.Fatalf("code %q", code)
		}
		seen[code] = true
	}
}
