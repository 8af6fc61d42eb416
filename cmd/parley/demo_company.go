package main

import (
	"context"
	"fmt"
	"time"

	"parley/api"
	"parley/api/chat"
	"parley/api/identity"
	"parley/api/meetings"
	"parley/internal/authz"

	"github.com/google/uuid"
)

const (
	demoCompany  = "远帆科技 Yuanfan"
	demoTimezone = "Asia/Shanghai"
	demoStandup  = "产品站会 Product stand-up" // the meeting that runs
)

// demoDepartments are the departments of the sample company; a parent comes before its children.
var demoDepartments = []struct{ name, parent string }{
	{"总经办", ""},
	{"产品研发部", ""},
	{"平台组", "产品研发部"},
	{"设计组", "产品研发部"},
	{"市场部", ""},
	{"财务共享中心", ""},
	{"Overseas", ""},
}

// demoStaff are the people; the first one founds the company.
var demoStaff = []struct {
	name, login, locale string
	role                authz.Role
	departments         []string
}{
	{"王思远", "wangsiyuan", "zh-CN", authz.Owner, []string{"总经办"}},
	{"陈雨桐", "chenyutong", "zh-CN", authz.Admin, []string{"市场部"}},
	{"李慕白", "limubai", "zh-CN", authz.Member, []string{"平台组"}},
	{"赵启明", "zhaoqiming", "zh-CN", authz.Member, []string{"平台组"}},
	{"刘思涵", "liusihan", "zh-CN", authz.Member, []string{"设计组"}},
	{"孙子墨", "sunzimo", "zh-CN", authz.Member, []string{"设计组", "市场部"}},
	{"周静", "zhoujing", "zh-CN", authz.Member, []string{"财务共享中心"}},
	{"吴佳怡", "wujiayi", "zh-CN", authz.Member, []string{"市场部"}},
	{"Maya Chen", "maya", "en", authz.Admin, []string{"Overseas"}},
	{"Ana Ruiz", "ana", "en", authz.Member, []string{"Overseas"}},
	{"Kenji Mori", "kenji", "en", authz.Member, []string{"Overseas", "平台组"}},
	{"Priya Nair", "priya", "en", authz.Member, []string{"Overseas"}},
	{"Samuel Okafor", "samuel", "en", authz.Member, []string{"Overseas"}},
	{"Chloé Martin", "chloe", "en", authz.Member, []string{"设计组"}},
}

// company is the sample company by login.
type company struct {
	domains *domains
	people  map[string]authz.Principal
}

// line is one message of a sample conversation.
type line struct {
	who, text string
	replyTo   int // 1 for the first line; 0 for none
	reactions map[string][]string
}

// openCompany answers the sample company and makes it the first time.
func openCompany(ctx context.Context, d *domains) (*company, error) {
	c := &company{domains: d, people: map[string]authz.Principal{}}
	name, err := d.people.CompanyName(ctx)
	if err != nil {
		return nil, err
	}
	if name == "" {
		if err := c.found(ctx); err != nil {
			return nil, fmt.Errorf("make the sample company: %w", err)
		}
	}
	if err := c.load(ctx); err != nil {
		return nil, err
	}
	if name == "" {
		if err := c.makeMeetings(ctx); err != nil {
			return nil, fmt.Errorf("make sample meetings: %w", err)
		}
		if err := c.makeBoards(ctx); err != nil {
			return nil, fmt.Errorf("make sample boards: %w", err)
		}
	}
	return c, nil
}

func (c *company) found(ctx context.Context) error {
	departments := map[string]uuid.UUID{}
	for i, dep := range demoDepartments {
		made, err := c.domains.directory.AddDepartment(ctx, dep.name, departments[dep.parent], i)
		if err != nil {
			return err
		}
		departments[dep.name] = made.ID
	}
	for i, p := range demoStaff {
		person := identity.NewPerson{
			Name: p.name, Login: p.login, Email: p.login + "@yuanfan.example", Role: p.role, Locale: p.locale,
		}
		for _, name := range p.departments {
			person.DepartmentIDs = append(person.DepartmentIDs, departments[name])
		}
		var err error
		if i == 0 {
			_, err = c.domains.people.Found(ctx, demoCompany, person, api.Client{})
		} else {
			_, err = c.domains.people.AddPerson(ctx, person)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.login, err)
		}
	}
	return nil
}

func (c *company) load(ctx context.Context) error {
	people, err := (&demoSignIn{c.domains}).people(ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		c.people[p.Login] = authz.Principal{Kind: authz.User, UserID: p.ID, Role: p.Role, Name: p.Name, Locale: localeOf(p.Login)}
	}
	return nil
}

func localeOf(login string) string {
	for _, p := range demoStaff {
		if p.login == login {
			return p.locale
		}
	}
	return "en"
}

func (c *company) ids(logins ...string) []uuid.UUID {
	ids := make([]uuid.UUID, len(logins))
	for i, login := range logins {
		ids[i] = c.people[login].UserID
	}
	return ids
}

// makeMeetings fills the lists: one that runs whenever the demo does, some to come, one of the past.
func (c *company) makeMeetings(ctx context.Context) error {
	for _, make := range []func(context.Context) error{c.makeStandup, c.makeComing, c.makePast} {
		if err := make(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *company) makeStandup(ctx context.Context) error {
	_, err := c.meet(ctx, "wangsiyuan", meetings.Draft{
		Title: demoStandup, GuestsAllowed: true,
		InviteeIDs: c.ids("limubai", "zhaoqiming", "liusihan", "chenyutong", "maya", "kenji", "chloe"), CoHostIDs: c.ids("maya"),
	}, []line{
		{who: "wangsiyuan", text: "早上好，五分钟后开始。今天先看海外仓的联调进度。"},
		{who: "limubai", text: "接口字段已经补上，测试环境可以再跑一遍：https://wiki.yuanfan.example/overseas/receipts", reactions: map[string][]string{"👍": {"zhaoqiming", "maya"}}},
		{who: "kenji", text: "Ran it this morning, 3 of 120 receipts still fail on the customs code."},
		{who: "zhaoqiming", text: "我来核一下第 3 列，宁波和深圳的口径不一样。", replyTo: 3},
		{who: "maya", text: "Thanks! If that is clean by two o'clock we switch traffic as planned.", reactions: map[string][]string{"🎉": {"wangsiyuan", "kenji", "limubai"}}},
	})
	return err
}

func (c *company) makeComing(ctx context.Context) error {
	monday := nextMonday(time.Now(), 10)
	if _, err := c.meet(ctx, "maya", meetings.Draft{
		Title: "Weekly product review", StartsAt: &monday, DurationMinutes: 60, Timezone: demoTimezone, Rrule: "FREQ=WEEKLY;BYDAY=MO",
		InviteeIDs: c.ids("wangsiyuan", "limubai", "liusihan", "ana", "kenji", "priya", "samuel", "chloe"), WhoMayShare: "everyone",
	}, []line{
		{who: "maya", text: "Agenda: roadmap, the new onboarding, open questions from support."},
		{who: "liusihan", text: "我带上新引导页的两版设计稿。", reactions: map[string][]string{"👏": {"chloe"}}},
	}); err != nil {
		return err
	}
	tomorrow := time.Now().Add(25 * time.Hour).Truncate(time.Hour)
	_, err := c.meet(ctx, "chenyutong", meetings.Draft{
		Title: "客户沟通：宁波仓接口方案", StartsAt: &tomorrow, DurationMinutes: 45, Timezone: demoTimezone, Lobby: true, GuestsAllowed: true,
		WhoMayShare: "hosts", InviteeIDs: c.ids("wangsiyuan", "zhaoqiming", "wujiayi"),
	}, []line{{who: "chenyutong", text: "客户会以访客身份加入，先在等候室，我来放行。"}})
	return err
}

// makePast makes a meeting of yesterday with who was there and when.
func (c *company) makePast(ctx context.Context) error {
	began := time.Now().Add(-26 * time.Hour)
	yesterday := &company{domains: c.domains.at(func() time.Time { return began }), people: c.people}
	id, err := yesterday.meet(ctx, "zhoujing", meetings.Draft{
		Title: "二季度预算评审", InviteeIDs: c.ids("wangsiyuan", "chenyutong", "limubai", "maya"),
	}, []line{
		{who: "zhoujing", text: "预算表第三版已按上次的意见调整。"},
		{who: "wangsiyuan", text: "同意，按这一版执行。", replyTo: 1, reactions: map[string][]string{"✅": {"zhoujing", "chenyutong"}}},
	})
	if err != nil {
		return err
	}
	meeting, recorder := id.String(), c.domains.recorder
	recorder.MeetingStarted(meeting, began)
	const length = 48 * time.Minute
	var stays []demoStay
	for i, login := range []string{"zhoujing", "wangsiyuan", "chenyutong", "limubai"} {
		p := c.people[login]
		stay := demoStay{login, uuid.NewString(), time.Duration(i) * 50 * time.Second, length - time.Duration(i)*3*time.Minute}
		who := meetings.Attendee{PersonKey: p.Key(), UserID: p.UserID.String(), Name: p.Name}
		recorder.ParticipantJoined(meeting, stay.participant, who, began.Add(stay.from))
		recorder.ParticipantLeft(meeting, stay.participant, began.Add(stay.to), "leave")
		stays = append(stays, stay)
	}
	recorder.MeetingEnded(meeting, began.Add(length), true)
	c.measurePast(meeting, began, stays, length)
	return nil
}

// meet makes a meeting and what was said in its conversation.
func (c *company) meet(ctx context.Context, organizer string, draft meetings.Draft, said []line) (uuid.UUID, error) {
	made, err := c.domains.meetings.Create(ctx, c.people[organizer], draft)
	if err != nil {
		return uuid.Nil, fmt.Errorf("%s: %w", draft.Title, err)
	}
	var sent []uuid.UUID
	for _, l := range said {
		message := chat.Draft{ClientID: uuid.New(), Text: l.text}
		if l.replyTo > 0 {
			message.ReplyTo = &sent[l.replyTo-1]
		}
		m, err := c.domains.chat.Send(ctx, c.people[l.who], made.ConversationID, message)
		if err != nil {
			return uuid.Nil, fmt.Errorf("message of %s: %w", l.who, err)
		}
		sent = append(sent, m.ID)
		for emoji, who := range l.reactions {
			for _, login := range who {
				if _, err := c.domains.chat.React(ctx, c.people[login], m.ID, emoji, true); err != nil {
					return uuid.Nil, fmt.Errorf("reaction of %s: %w", login, err)
				}
			}
		}
	}
	return made.ID, nil
}

// nextMonday is the next Monday at an hour of the sample company's clock.
func nextMonday(now time.Time, hour int) time.Time {
	zone := time.FixedZone(demoTimezone, 8*60*60)
	local := now.In(zone)
	days := (int(time.Monday) - int(local.Weekday()) + 7) % 7
	monday := time.Date(local.Year(), local.Month(), local.Day()+days, hour, 0, 0, 0, zone)
	if !monday.After(now) {
		monday = monday.AddDate(0, 0, 7)
	}
	return monday.UTC()
}
