package authz

import (
	"errors"
	"slices"
	"testing"

	"parley/internal/fault"
)

// everybody is each kind of principal that the table distinguishes.
var everybody = map[string]Principal{
	"anonymous":             {},
	"guest":                 {Kind: Guest},
	"member":                {Kind: User, Role: Member},
	"admin":                 {Kind: User, Role: Admin},
	"owner":                 {Kind: User, Role: Owner},
	"no role":               {Kind: User},
	"bare token of owner":   {Kind: Token, Role: Owner},
	"chat token of member":  {Kind: Token, Role: Member, Scopes: []Scope{ScopeChatWrite}},
	"full token of member":  {Kind: Token, Role: Member, Scopes: Scopes},
	"full token of owner":   {Kind: Token, Role: Owner, Scopes: Scopes},
	"read token of admin":   {Kind: Token, Role: Admin, Scopes: []Scope{ScopeDirectoryRead, ScopeMeetingsRead, ScopeChatRead, ScopeBoardsRead}},
	"admin token of admin":  {Kind: Token, Role: Admin, Scopes: []Scope{ScopeAdmin}},
	"admin token of member": {Kind: Token, Role: Member, Scopes: []Scope{ScopeAdmin}},
}

func TestCan(t *testing.T) {
	people := []string{"member", "admin", "owner"}
	admins := []string{"admin", "owner"}
	fullTokens := []string{"full token of member", "full token of owner"}
	join := func(lists ...[]string) []string { return slices.Concat(lists...) }
	want := map[Action][]string{
		ReadProfile:       join(people, fullTokens, []string{"read token of admin"}),
		EditProfile:       people,
		ManageSessions:    people,
		ManageTokens:      people,
		ReadDirectory:     join(people, fullTokens, []string{"read token of admin"}),
		ManageDepartments: join(admins, []string{"full token of owner"}),
		SeeDisabledPeople: join(admins, []string{"full token of owner", "admin token of admin"}),
		InvitePeople:      join(admins, []string{"full token of owner", "admin token of admin"}),
		ManagePeople:      join(admins, []string{"full token of owner", "admin token of admin"}),
		ResetPasswords:    admins,
		ManageOwners:      {"owner"},
		ManageCompany:     join(admins, []string{"full token of owner", "admin token of admin"}),
		ReadAvatars:       join(people, fullTokens, []string{"guest", "read token of admin"}),
		ReadMeetings:      join(people, fullTokens, []string{"read token of admin"}),
		CreateMeetings:    join(people, fullTokens),
		EnterMeetings:     join(people, []string{"guest"}),
		ReviewMeetings:    join(admins, []string{"full token of owner", "admin token of admin"}),
		ReadChat:          join(people, fullTokens, []string{"guest", "read token of admin", "chat token of member"}),
		WriteChat:         join(people, fullTokens, []string{"guest", "chat token of member"}),
		ListBoards:        join(people, fullTokens, []string{"read token of admin"}),
		ReadBoards:        join(people, fullTokens, []string{"guest", "read token of admin"}),
		DrawBoards:        join(people, fullTokens, []string{"guest"}),
		CreateBoards:      join(people, fullTokens),
		HandOverBoards:    join(admins, []string{"full token of owner", "admin token of admin"}),
		"no.such.action":  nil,
	}
	for _, a := range Actions {
		if _, ok := want[a]; !ok {
			t.Errorf("%s is not in the expected table", a)
		}
	}
	for a, may := range want {
		for name, p := range everybody {
			if got, expected := Can(p, a), slices.Contains(may, name); got != expected {
				t.Errorf("Can(%s, %s) = %v", name, a, got)
			}
		}
	}
}

func TestRequire(t *testing.T) {
	cases := []struct {
		who  string
		a    Action
		want error
	}{
		{"anonymous", ReadDirectory, fault.Unauthenticated},
		{"guest", ReadDirectory, fault.Forbidden},
		{"member", ManageCompany, fault.Forbidden},
		{"admin", ManageCompany, nil},
	}
	for _, c := range cases {
		if err := everybody[c.who].Require(c.a); !errors.Is(err, c.want) {
			t.Errorf("%s, %s: %v, want %v", c.who, c.a, err, c.want)
		}
	}
}

func TestRoleChange(t *testing.T) {
	cases := []struct {
		name     string
		by       string
		self     bool
		from, to Role
		want     bool
	}{
		{"member changes nobody", "member", false, Member, Member, false},
		{"admin makes admin", "admin", false, Member, Admin, true},
		{"admin demotes admin", "admin", false, Admin, Member, true},
		{"admin steps down", "admin", true, Admin, Member, true},
		{"admin makes owner", "admin", false, Admin, Owner, false},
		{"admin raises self", "admin", true, Admin, Owner, false},
		{"admin demotes owner", "admin", false, Owner, Member, false},
		{"admin disables owner", "admin", false, Owner, Owner, false},
		{"owner makes owner", "owner", false, Member, Owner, true},
		{"owner demotes owner", "owner", false, Owner, Admin, true},
		{"owner steps down", "owner", true, Owner, Member, true},
		{"token makes no owner", "full token of owner", false, Member, Owner, false},
		{"token makes admin", "full token of owner", false, Member, Admin, true},
		{"guest", "guest", false, Member, Admin, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := RoleChange{By: everybody[c.by], Self: c.self, From: c.from, To: c.to}.Allowed()
			if got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestKey(t *testing.T) {
	if k := everybody["anonymous"].Key(); k != "" {
		t.Errorf("anonymous has key %q", k)
	}
	if a, b := everybody["member"].Key(), everybody["guest"].Key(); a == b {
		t.Errorf("a user and a guest share the key %q", a)
	}
}
