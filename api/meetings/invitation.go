package meetings

import (
	"fmt"
	"strings"
	"time"
)

// invitationWords are the texts of an invitation in one language.
type invitationWords struct {
	invites, title, when, repeats, link, code, guests, noGuests string
	colon                                                       string // with the space that follows it
	start                                                       string // weekday and date and clock, with layouts of time.Format
	zone                                                        string // name and offset
	clock                                                       string // layout
	defaultTitle                                                string
	recurrenceWords
}

var invitationLanguages = map[string]invitationWords{
	"en": {
		invites: "%s invites you to a meeting", title: "Title", when: "When", repeats: "Repeats", link: "Link", code: "Code",
		guests:   "No account is needed: open the link and enter your name.",
		noGuests: "Sign in with your account to join.",
		colon:    ": ", start: "%[1]s, %[2]s, %[3]s", zone: " (%s, %s)", clock: "15:04",
		defaultTitle:    "%s's meeting",
		recurrenceWords: recurrenceLanguages["en"],
	},
	"zh-CN": {
		invites: "%s 邀请您参加会议", title: "主题", when: "时间", repeats: "重复", link: "链接", code: "会议号",
		guests:   "无需账号：打开链接，输入姓名即可参加。",
		noGuests: "请登录账号后参加。",
		colon:    "：", start: "%[2]s %[1]s %[3]s", zone: "（%s，%s）", clock: "15:04",
		defaultTitle:    "%s的会议",
		recurrenceWords: recurrenceLanguages["zh-CN"],
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
		w.title + w.colon + oneLine(i.Title),
	}
	if !i.Instant {
		start := i.Start.In(i.Schedule.zone)
		lines = append(lines, w.when+w.colon+w.span(start, start.Add(i.Schedule.duration))+fmt.Sprintf(w.zone, i.Timezone, utcOffset(start)))
		if r := w.say(i.Schedule); r != "" {
			lines = append(lines, w.repeats+w.colon+r)
		}
	}
	lines = append(lines, w.link+w.colon+i.URL, w.code+w.colon+i.Code, "")
	if i.GuestsAllowed {
		lines = append(lines, w.guests)
	} else {
		lines = append(lines, w.noGuests)
	}
	return strings.Join(lines, "\n")
}

// span tells from when until when, with the day of the end when that is another.
func (w invitationWords) span(start, end time.Time) string {
	until := end.Format(w.clock)
	if end.YearDay() != start.YearDay() || end.Year() != start.Year() {
		until = w.moment(end)
	}
	return w.moment(start) + " – " + until
}

func (w invitationWords) moment(t time.Time) string {
	return fmt.Sprintf(w.start, w.weekdays[t.Weekday()], t.Format(w.date), t.Format(w.clock))
}

func utcOffset(t time.Time) string { return "UTC" + t.Format("-07:00") }
