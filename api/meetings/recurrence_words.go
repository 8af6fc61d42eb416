package meetings

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// recurrenceWords say a recurrence rule in one language. What is said is the same as in the web client: both are held
// to testdata/recurrence.json.
type recurrenceWords struct {
	daily, everyDays, workdays        string
	weekly, everyWeeks                string // with the days
	monthly, everyMonths, yearly, own string // with the day
	until, times, once                string // with what comes before
	day, lastDay, nth                 string
	ordinals                          map[int]string // of a weekday in a month, counted from its end when negative
	weekdays                          [7]string
	comma, and, lastAnd               string // lastAnd before the last of three or more
	date, dateOfYear                  string // layouts of time.Format
}

var recurrenceLanguages = map[string]recurrenceWords{
	"en": {
		daily: "every day", everyDays: "every %d days", workdays: "every weekday, Monday to Friday",
		weekly: "every week on %s", everyWeeks: "every %d weeks on %s",
		monthly: "every month on %s", everyMonths: "every %d months on %s", yearly: "every year on %s", own: "by a rule of its own",
		until: "%s, until %s", times: "%s, %d times", once: "%s, once",
		day: "day %d", lastDay: "the last day", nth: "the %s %s",
		ordinals: map[int]string{1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"},
		weekdays: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		comma:    ", ", and: " and ", lastAnd: ", and ",
		date: "2 January 2006", dateOfYear: "2 January",
	},
	"zh-CN": {
		daily: "每天", everyDays: "每 %d 天", workdays: "每个工作日（周一至周五）",
		weekly: "每%s", everyWeeks: "每 %d 周的%s",
		monthly: "每月%s", everyMonths: "每 %d 个月的%s", yearly: "每年 %s", own: "按自定义规则",
		until: "%s，至 %s", times: "%s，共 %d 次", once: "%s，共 1 次",
		day: " %d 日", lastDay: "最后一天", nth: "%s%s",
		ordinals: map[int]string{1: "第一个", 2: "第二个", 3: "第三个", 4: "第四个", 5: "第五个", -1: "最后一个"},
		weekdays: [7]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"},
		comma:    "、", and: "和", lastAnd: "和",
		date: "2006 年 1 月 2 日", dateOfYear: "1 月 2 日",
	},
}

// say puts the schedule's rule into words, on the clock of its zone; empty when there is one occurrence.
func (w recurrenceWords) say(s Schedule) string {
	if s.text == "" {
		return ""
	}
	o, err := rrule.StrToROption(s.text)
	if err != nil {
		return w.own
	}
	words := w.frequency(*o, s.start.In(s.zone))
	switch {
	case !o.Until.IsZero():
		return fmt.Sprintf(w.until, words, o.Until.In(s.zone).Format(w.date))
	case o.Count == 1:
		return fmt.Sprintf(w.once, words)
	case o.Count > 1:
		return fmt.Sprintf(w.times, words, o.Count)
	}
	return words
}

func (w recurrenceWords) frequency(o rrule.ROption, start time.Time) string {
	if len(o.Bysetpos) > 0 || len(o.Bymonth) > 0 {
		return w.own
	}
	switch o.Freq {
	case rrule.DAILY:
		if len(o.Byweekday) == 0 {
			return every(o.Interval, w.daily, w.everyDays)
		}
	case rrule.WEEKLY:
		return w.week(o, start)
	case rrule.MONTHLY:
		if day := w.dayOfMonth(o, start); day != "" {
			return every(o.Interval, w.monthly, w.everyMonths, day)
		}
	case rrule.YEARLY:
		if o.Interval <= 1 && len(o.Byweekday)+len(o.Bymonthday) == 0 {
			return fmt.Sprintf(w.yearly, start.Format(w.dateOfYear))
		}
	}
	return w.own
}

func (w recurrenceWords) week(o rrule.ROption, start time.Time) string {
	var days []int // from Monday, which is 0
	for _, d := range o.Byweekday {
		days = append(days, d.Day())
	}
	slices.Sort(days)
	if len(days) == 0 {
		days = []int{(int(start.Weekday()) + 6) % 7}
	}
	if o.Interval <= 1 && slices.Equal(days, []int{0, 1, 2, 3, 4}) {
		return w.workdays
	}
	var names []string
	for _, d := range days {
		names = append(names, w.weekdays[(d+1)%7])
	}
	return every(o.Interval, w.weekly, w.everyWeeks, w.list(names))
}

// dayOfMonth is empty when the rule has several days, or one that is seldom used.
func (w recurrenceWords) dayOfMonth(o rrule.ROption, start time.Time) string {
	switch {
	case len(o.Byweekday)+len(o.Bymonthday) == 0:
		return fmt.Sprintf(w.day, start.Day())
	case len(o.Byweekday)+len(o.Bymonthday) > 1:
		return ""
	case len(o.Byweekday) == 1:
		d := o.Byweekday[0]
		if ordinal, ok := w.ordinals[d.N()]; ok {
			return fmt.Sprintf(w.nth, ordinal, w.weekdays[(d.Day()+1)%7])
		}
		return ""
	case o.Bymonthday[0] == -1:
		return w.lastDay
	case o.Bymonthday[0] > 0:
		return fmt.Sprintf(w.day, o.Bymonthday[0])
	}
	return ""
}

func (w recurrenceWords) list(names []string) string {
	last := len(names) - 1
	switch {
	case last == 0:
		return names[0]
	case last == 1:
		return names[0] + w.and + names[1]
	}
	return strings.Join(names[:last], w.comma) + w.lastAnd + names[last]
}

func every(interval int, one, many string, rest ...any) string {
	if interval <= 1 {
		return fmt.Sprintf(one, rest...)
	}
	return fmt.Sprintf(many, append([]any{interval}, rest...)...)
}
