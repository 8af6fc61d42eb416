package meetings

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

const (
	horizonYears  = 10 // a series without an end is reckoned this far
	maxCount      = 730
	maxInterval   = 99
	maxRuleLength = 255
)

// ErrRule is why a recurrence rule is refused.
type ErrRule struct{ Reason string }

func (e ErrRule) Error() string { return "recurrence rule: " + e.Reason }

// Schedule is when a meeting takes place: once, or by an RFC 5545 rule reckoned on the clock of its time zone, so that
// a meeting at nine stays at nine when summer time begins.
type Schedule struct {
	start    time.Time // of the first occurrence
	duration time.Duration
	zone     *time.Location
	rule     *rrule.RRule // on the zone's clock, written as UTC; nil when there is one occurrence
	text     string
}

// NewSchedule makes a schedule. When start does not follow the rule, the first occurrence is the one after it.
// Errors: [ErrRule] for the rule, any other for the zone.
func NewSchedule(start time.Time, duration time.Duration, timezone, rule string) (Schedule, error) {
	if timezone == "" || timezone == "Local" {
		return Schedule{}, fmt.Errorf("time zone %q", timezone)
	}
	zone, err := time.LoadLocation(timezone)
	if err != nil {
		return Schedule{}, fmt.Errorf("time zone: %w", err)
	}
	s := Schedule{start: start.UTC().Truncate(time.Second), duration: duration, zone: zone}
	if rule == "" {
		return s, nil
	}
	option, err := parseRule(rule, zone)
	if err != nil {
		return Schedule{}, err
	}
	clock := onClock(s.start, zone)
	option.Dtstart = clock
	s.text = canonical(*option, zone)
	if limit := clock.AddDate(horizonYears, 0, 0); option.Until.IsZero() || option.Until.After(limit) {
		option.Until = limit
	}
	if s.rule, err = rrule.NewRRule(*option); err != nil {
		return Schedule{}, ErrRule{err.Error()}
	}
	first := s.rule.After(clock, true)
	if first.IsZero() {
		return Schedule{}, ErrRule{"it never happens"}
	}
	if !first.Equal(clock) {
		s.rule.DTStart(first)
		s.start = fromClock(first, zone)
	}
	return s, nil
}

// Start is when the first occurrence starts, in UTC.
func (s Schedule) Start() time.Time { return s.start }

// Rule is the rule in canonical form, empty when there is one occurrence.
func (s Schedule) Rule() string { return s.text }

// Next is the first occurrence that ends after now and starts after over; over is zero or when the host ended an
// occurrence early.
func (s Schedule) Next(now, over time.Time) (start time.Time, ok bool) {
	wanted := func(t time.Time) bool { return t.Add(s.duration).After(now) && t.After(over) }
	if s.rule == nil {
		return s.start, wanted(s.start)
	}
	from := now.Add(-s.duration)
	if over.After(from) {
		from = over
	}
	// A day earlier, since the clock may be set back in between.
	next := s.rule.Iterator()
	earliest := onClock(from, s.zone).AddDate(0, 0, -1)
	for {
		clock, more := next()
		if !more {
			return time.Time{}, false
		}
		if clock.Before(earliest) {
			continue
		}
		if t := fromClock(clock, s.zone); wanted(t) {
			return t, true
		}
	}
}

// End is when the last occurrence ends; not ok when the series has no end of its own.
func (s Schedule) End() (time.Time, bool) {
	if s.rule == nil {
		return s.start.Add(s.duration), true
	}
	if !strings.Contains(s.text, "UNTIL=") && !strings.Contains(s.text, "COUNT=") {
		return time.Time{}, false
	}
	all := s.rule.All()
	return fromClock(all[len(all)-1], s.zone).Add(s.duration), true
}

// onClock is what a clock in the zone shows at t, written as UTC.
func onClock(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// fromClock is when a clock in the zone shows what clock says. RFC 5545, 3.3.5: of two such times the first; a time
// that the clock skips is reckoned with the offset from before the skip.
func fromClock(clock time.Time, zone *time.Location) time.Time {
	t := time.Date(clock.Year(), clock.Month(), clock.Day(), clock.Hour(), clock.Minute(), clock.Second(), 0, zone)
	_, offset := t.Zone()
	shown := onClock(t, zone)
	if shown.Before(clock) {
		return clock.Add(-time.Duration(offset) * time.Second)
	}
	if begin, _ := t.ZoneBounds(); shown.Equal(clock) && !begin.IsZero() {
		_, before := begin.Add(-time.Second).Zone()
		if earlier := clock.Add(-time.Duration(before) * time.Second); earlier.Before(begin) && onClock(earlier, zone).Equal(clock) {
			return earlier
		}
	}
	return t.UTC()
}

var allowedParts = map[string][]string{
	"DAILY":   {"BYDAY"},
	"WEEKLY":  {"BYDAY"},
	"MONTHLY": {"BYDAY", "BYMONTHDAY", "BYSETPOS"},
	"YEARLY":  {"BYMONTH", "BYDAY", "BYMONTHDAY", "BYSETPOS"},
}

// parseRule reads a rule of the frequencies and parts that meetings need, within bounds that keep reckoning short.
func parseRule(text string, zone *time.Location) (*rrule.ROption, error) {
	text = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(text)), "RRULE:")
	if len(text) > maxRuleLength || strings.ContainsAny(text, "\r\n") {
		return nil, ErrRule{"too long"}
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		key, value, ok := strings.Cut(part, "=")
		if _, twice := parts[key]; !ok || twice {
			return nil, ErrRule{"not in the form KEY=value;KEY=value"}
		}
		parts[key] = value
	}
	until := parts["UNTIL"]
	if err := checkParts(parts); err != nil {
		return nil, err
	}
	if until != "" {
		text = strings.Join(slices.DeleteFunc(strings.Split(text, ";"), func(p string) bool { return strings.HasPrefix(p, "UNTIL=") }), ";")
	}
	option, err := rrule.StrToROption(text)
	if err != nil {
		return nil, ErrRule{err.Error()}
	}
	if until != "" {
		if option.Until, err = parseUntil(until, zone); err != nil {
			return nil, err
		}
	}
	return option, checkOption(option)
}

func checkParts(parts map[string]string) error {
	allowed, ok := allowedParts[parts["FREQ"]]
	if !ok {
		return ErrRule{"FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY"}
	}
	for key := range parts {
		switch key {
		case "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST":
		default:
			if !slices.Contains(allowed, key) {
				return ErrRule{key + " cannot be used with FREQ=" + parts["FREQ"]}
			}
		}
	}
	if parts["COUNT"] != "" && parts["UNTIL"] != "" {
		return ErrRule{"COUNT and UNTIL exclude each other"}
	}
	for _, key := range []string{"INTERVAL", "COUNT"} {
		if v, given := parts[key]; given {
			if n, err := strconv.Atoi(v); err != nil || n < 1 {
				return ErrRule{key + " must be a positive number"}
			}
		}
	}
	return nil
}

func checkOption(o *rrule.ROption) error {
	switch {
	case o.Interval > maxInterval:
		return ErrRule{fmt.Sprintf("INTERVAL is larger than %d", maxInterval)}
	case o.Count > maxCount:
		return ErrRule{fmt.Sprintf("COUNT is larger than %d", maxCount)}
	case len(o.Bysetpos) > 0 && len(o.Byweekday) == 0 && len(o.Bymonthday) == 0:
		return ErrRule{"BYSETPOS needs BYDAY or BYMONTHDAY"}
	case o.Freq == rrule.DAILY && o.Interval%7 == 0 && o.Interval > 0 && len(o.Byweekday) > 0:
		return ErrRule{"whole weeks with BYDAY: use FREQ=WEEKLY"}
	}
	numbered := slices.ContainsFunc(o.Byweekday, func(d rrule.Weekday) bool { return d.N() != 0 })
	if numbered && (o.Freq == rrule.DAILY || o.Freq == rrule.WEEKLY) {
		return ErrRule{"a numbered BYDAY needs FREQ=MONTHLY or YEARLY"}
	}
	if numbered && len(o.Bymonthday) > 0 {
		return ErrRule{"a numbered BYDAY excludes BYMONTHDAY"}
	}
	if o.Freq == rrule.YEARLY && len(o.Byweekday) > 0 && len(o.Bymonth) == 0 {
		return ErrRule{"BYDAY with FREQ=YEARLY needs BYMONTH"}
	}
	// The library reads past its tables for the sixth weekday of a month.
	if slices.ContainsFunc(o.Byweekday, func(d rrule.Weekday) bool { return d.N() < -5 || d.N() > 5 }) {
		return ErrRule{"a month has at most five of a weekday"}
	}
	if slices.ContainsFunc(o.Bysetpos, func(n int) bool { return n < -31 || n > 31 }) {
		return ErrRule{"BYSETPOS is beyond the days of a month"}
	}
	if o.Wkst.N() != 0 {
		return ErrRule{"WKST has no number"}
	}
	return nil
}

// parseUntil answers UNTIL as the zone's clock shows it. RFC 5545 wants UTC; a date, or a time without Z, is taken on
// the clock, a date up to its end.
func parseUntil(s string, zone *time.Location) (time.Time, error) {
	if t, err := time.Parse("20060102T150405Z", s); err == nil {
		return onClock(t, zone), nil
	}
	if t, err := time.Parse("20060102T150405", s); err == nil {
		return t, nil
	}
	if t, err := time.Parse("20060102", s); err == nil {
		return t.Add(24*time.Hour - time.Second), nil
	}
	return time.Time{}, ErrRule{"UNTIL is not a date or time"}
}

// canonical writes the rule with UNTIL in UTC, as RFC 5545, 3.3.10 wants it beside a DTSTART with a time zone.
func canonical(o rrule.ROption, zone *time.Location) string {
	if !o.Until.IsZero() {
		o.Until = fromClock(o.Until, zone)
	}
	if o.Interval == 1 {
		o.Interval = 0
	}
	return o.RRuleString()
}

// asRuleError answers err as an [ErrRule].
func asRuleError(err error) (ErrRule, bool) { return errors.AsType[ErrRule](err) }
