package meetings

import (
	"fmt"
	"strings"
	"time"
)

// invitationWords are the texts of an invitation in one language.
type invitationWords struct {
	invites, title, when, repeats, link, code, guests, noGuests string
	dateTime, clock                                             string // layouts of time.Format
	weekdays                                                    [7]string
	daily, weekly, monthly, yearly, every                       string
	defaultTitle                                                string
}

var invitationLanguages = map[string]invitationWords{
	"en": {
		invites: "%s invites you to a meeting", title: "Title", when: "When", repeats: "Repeats", link: "Link", code: "Code",
		guests:   "No account is needed: open the link and enter your name.",
		noGuests: "Sign in with your account to join.",
		dateTime: "2 January 2006, 15:04", clock: "15:04",
		weekdays: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		daily:    "daily", weekly: "weekly", monthly: "monthly", yearly: "yearly", every: "%s, every %d",
		defaultTitle: "%s's meeting",
	},
	"zh-CN": {
		invites: "%s 邀请您参加会议", title: "主题", when: "时间", repeats: "重复", link: "链接", code: "会议号",
		guests:   "无需账号:打开链接,输入姓名即可参加。",
		noGuests: "请登录账号后参加。",
		dateTime: "2006年1月2日 15:04", clock: "15:04",
		weekdays: [7]string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"},
		daily:    "每天", weekly: "每周", monthly: "每月", yearly: "每年", every: "%s(间隔 %d)",
		defaultTitle: "%s的会议",
	},
}

// wordsFor answers the language of a locale, English when there is none.
func wordsFor(locale string) invitationWords {
	if strings.HasPrefix(strings.ToLower(locale), "zh") {
		return invitationLanguages["zh-CN"]
	}
	return invitationLanguages["en"]
}

// invitation is what an invitation text tells.
type invitation struct {
	Host, Title, URL, Code string
	Instant                bool
	Schedule               Schedule
	Start                  time.Time // of the occurrence that the text is about
	Timezone               string
	GuestsAllowed          bool
}

// text writes the invitation in the language of locale, ready to be pasted into a mail or a chat.
func (i invitation) text(locale string) string {
	w := wordsFor(locale)
	lines := []string{
		fmt.Sprintf(w.invites, oneLine(i.Host)), "",
		w.title + ": " + oneLine(i.Title),
	}
	if !i.Instant {
		start := i.Start.In(i.Schedule.zone)
		end := start.Add(i.Schedule.duration)
		until := end.Format(w.clock)
		if end.YearDay() != start.YearDay() || end.Year() != start.Year() {
			until = end.Format(w.dateTime)
		}
		lines = append(lines, fmt.Sprintf("%s: %s, %s – %s (%s, %s)", w.when, w.weekdays[start.Weekday()],
			start.Format(w.dateTime), until, i.Timezone, utcOffset(start)))
		if r := w.repetition(i.Schedule.text); r != "" {
			lines = append(lines, w.repeats+": "+r)
		}
	}
	lines = append(lines, w.link+": "+i.URL, w.code+": "+i.Code, "")
	if i.GuestsAllowed {
		lines = append(lines, w.guests)
	} else {
		lines = append(lines, w.noGuests)
	}
	return strings.Join(lines, "\n")
}

func (w invitationWords) repetition(rule string) string {
	parts := map[string]string{}
	for part := range strings.SplitSeq(rule, ";") {
		key, value, _ := strings.Cut(part, "=")
		parts[key] = value
	}
	said := map[string]string{"DAILY": w.daily, "WEEKLY": w.weekly, "MONTHLY": w.monthly, "YEARLY": w.yearly}[parts["FREQ"]]
	var interval int
	if _, err := fmt.Sscan(parts["INTERVAL"], &interval); err == nil && interval > 1 {
		said = fmt.Sprintf(w.every, said, interval)
	}
	return said
}

func utcOffset(t time.Time) string { return "UTC" + t.Format("-07:00") }
