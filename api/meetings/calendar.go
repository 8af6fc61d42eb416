package meetings

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"
)

const icsLocal = "20060102T150405"

// calendarEntry is what a calendar file tells.
type calendarEntry struct {
	UID            string
	Sequence       int
	Title          string
	Description    string
	URL            string
	OrganizerName  string
	OrganizerEmail string
	Schedule       Schedule
	Timezone       string
	Cancelled      bool
	Changed        time.Time
}

// calendarFile writes the entry as an RFC 5545 file. One occurrence is written in UTC. A series is written on the clock
// of its time zone, with the zone's rules beside it, because its hours in UTC change with summer time.
func calendarFile(e calendarEntry) []byte {
	cal := ics.NewCalendar()
	cal.SetProductId("-//Parley//Meetings//EN")
	cal.SetMethod(ics.MethodPublish)
	event := ics.NewEvent(e.UID)
	event.SetDtStampTime(e.Changed)
	event.SetLastModifiedAt(e.Changed)
	event.SetSequence(e.Sequence)
	if e.Schedule.rule == nil {
		event.SetStartAt(e.Schedule.start)
		event.SetEndAt(e.Schedule.start.Add(e.Schedule.duration))
	} else {
		cal.AddVTimezone(zoneComponent(e.Timezone, e.Schedule.zone, e.Schedule.start))
		// The end is reckoned on the clock too, so that an occurrence over a change of the clock is not shown longer.
		clock := onClock(e.Schedule.start, e.Schedule.zone)
		event.SetProperty(ics.ComponentPropertyDtStart, clock.Format(icsLocal), ics.WithTZID(e.Timezone))
		event.SetProperty(ics.ComponentPropertyDtEnd, clock.Add(e.Schedule.duration).Format(icsLocal), ics.WithTZID(e.Timezone))
		event.AddRrule(e.Schedule.text)
	}
	event.SetSummary(oneLine(e.Title))
	event.SetDescription(e.Description)
	event.SetLocation(e.URL)
	event.SetURL(e.URL)
	event.SetOrganizer("mailto:"+e.OrganizerEmail, ics.WithCN(parameterText(e.OrganizerName)))
	event.SetStatus(ics.ObjectStatusConfirmed)
	if e.Cancelled {
		cal.SetMethod(ics.MethodCancel)
		event.SetStatus(ics.ObjectStatusCancelled)
	}
	cal.AddVEvent(event)
	return []byte(cal.Serialize(ics.WithNewLine("\r\n")))
}

// parameterText leaves out what a parameter value may not hold or the library would escape in a way that RFC 5545,
// 3.1 does not know.
func parameterText(s string) string {
	return oneLine(strings.Map(func(r rune) rune {
		switch {
		case r == '\'':
			return '’'
		case strings.ContainsRune(`",;:\`, r) || unicode.IsControl(r):
			return ' '
		}
		return r
	}, s))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// transition is a change of a zone's clock.
type transition struct {
	at       time.Time
	clock    time.Time // what the clock shows when it happens, with the offset from before; written as UTC
	from, to int       // seconds east of UTC
	name     string
	summer   bool
}

// zoneComponent writes the rules of a zone from start on: a yearly rule for each change where the changes of
// the years to come follow one, else each change by itself.
func zoneComponent(id string, zone *time.Location, start time.Time) *ics.VTimezone {
	component := ics.NewTimezone(id)
	changes := transitions(zone, start, start.AddDate(horizonYears, 0, 0))
	if len(changes) == 0 || changes[0].at.After(start) {
		name, offset := start.In(zone).Zone()
		component.Components = append(component.Components, observance(transition{
			clock: time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), from: offset, to: offset, name: name, summer: start.In(zone).IsDST(),
		}, ""))
	}
	for _, c := range changes {
		rule, leads := yearlyRule(c, changes)
		if rule == "" || leads {
			component.Components = append(component.Components, observance(c, rule))
		}
	}
	return component
}

// transitions lists the changes of a zone's clock up to end, beginning with the last one before start if it is after
// 1970, where the first observance of a zone component begins.
func transitions(zone *time.Location, start, end time.Time) []transition {
	var list []transition
	t, _ := start.In(zone).ZoneBounds()
	if t.Unix() < 365*24*3600 {
		_, t = start.In(zone).ZoneBounds()
	}
	for !t.IsZero() && t.Before(end) {
		_, from := t.Add(-time.Second).Zone()
		name, to := t.Zone()
		list = append(list, transition{
			at: t, clock: t.UTC().Add(time.Duration(from) * time.Second), from: from, to: to, name: name, summer: t.IsDST(),
		})
		_, t = t.ZoneBounds()
	}
	return list
}

// yearlyRule finds the rule that c and all later changes to the same offset follow, such as the last Sunday of March.
// It leads when no earlier change follows it as well.
func yearlyRule(c transition, all []transition) (rule string, leads bool) {
	var same []transition
	for _, other := range all {
		if other.from == c.from && other.to == c.to {
			same = append(same, other)
		}
	}
	if len(same) < 3 {
		return "", true
	}
	for i, other := range same {
		if i > 0 && other.clock.Year() != same[i-1].clock.Year()+1 {
			return "", true
		}
	}
	for _, week := range []int{-1, 1, 2, 3, 4} {
		follows := true
		for _, other := range same {
			follows = follows && other.clock.Month() == c.clock.Month() && other.clock.Weekday() == c.clock.Weekday() &&
				isWeek(other.clock, week) && other.clock.Hour() == c.clock.Hour() && other.clock.Minute() == c.clock.Minute()
		}
		if follows {
			day := strings.ToUpper(c.clock.Weekday().String()[:2])
			return fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", c.clock.Month(), week, day), same[0].at.Equal(c.at)
		}
	}
	return "", true
}

// isWeek holds when the day is the week-th of its weekday in the month; -1 is the last.
func isWeek(day time.Time, week int) bool {
	if week < 0 {
		return day.AddDate(0, 0, 7).Month() != day.Month()
	}
	return (day.Day()-1)/7+1 == week
}

func observance(c transition, rule string) ics.Component {
	base := ics.ComponentBase{}
	base.SetProperty(ics.ComponentPropertyDtStart, c.clock.Format(icsLocal))
	base.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), icsOffset(c.from))
	base.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), icsOffset(c.to))
	base.SetProperty(ics.ComponentProperty(ics.PropertyTzname), c.name)
	if rule != "" {
		base.AddRrule(rule)
	}
	if c.summer {
		return &ics.Daylight{ComponentBase: base}
	}
	return &ics.Standard{ComponentBase: base}
}

func icsOffset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	return fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
}
