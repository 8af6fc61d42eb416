package authz

import (
	"slices"
	"strings"
)

// Scope limits a bearer token.
type Scope string

const (
	ScopeMeetingsRead   Scope = "meetings:read"
	ScopeMeetingsWrite  Scope = "meetings:write"
	ScopeChatRead       Scope = "chat:read"
	ScopeChatWrite      Scope = "chat:write"
	ScopeBoardsRead     Scope = "boards:read"
	ScopeBoardsWrite    Scope = "boards:write"
	ScopeDirectoryRead  Scope = "directory:read"
	ScopeDirectoryWrite Scope = "directory:write"
	ScopeAdmin          Scope = "admin"
)

// Scopes lists what a token may be given.
var Scopes = []Scope{
	ScopeMeetingsRead, ScopeMeetingsWrite,
	ScopeChatRead, ScopeChatWrite,
	ScopeBoardsRead, ScopeBoardsWrite,
	ScopeDirectoryRead, ScopeDirectoryWrite,
	ScopeAdmin,
}

func (s Scope) includes(other Scope) bool {
	if s == other {
		return true
	}
	area, write := strings.CutSuffix(string(s), ":write")
	return write && string(other) == area+":read"
}

// Action is something a person may or may not do in the company.
type Action string

const (
	ReadProfile       Action = "profile.read"
	EditProfile       Action = "profile.edit"
	ManageSessions    Action = "sessions.manage" // one's own
	ManageTokens      Action = "tokens.manage"   // one's own
	ReadDirectory     Action = "directory.read"
	ManageDepartments Action = "departments.manage"
	SeeDisabledPeople Action = "people.seeDisabled"
	InvitePeople      Action = "people.invite"
	ManagePeople      Action = "people.manage"
	ResetPasswords    Action = "passwords.reset" // of others, by a one-use link
	ManageOwners      Action = "owners.manage"   // make, change and disable owners
	ManageCompany     Action = "company.manage"
	ReadAvatars       Action = "avatars.read"
	ReadMeetings      Action = "meetings.read"
	CreateMeetings    Action = "meetings.create" // and edit one's own
	EnterMeetings     Action = "meetings.enter"
	ReviewMeetings    Action = "meetings.review" // of others: how they went, not what was said
	ReadChat          Action = "chat.read"
	WriteChat         Action = "chat.write"
	ListBoards        Action = "boards.list"
	ReadBoards        Action = "boards.read"
	DrawBoards        Action = "boards.draw"     // on boards where one may
	CreateBoards      Action = "boards.create"   // and manage one's own
	HandOverBoards    Action = "boards.handOver" // of accounts that are disabled
)

// Rule says who may do an action.
type Rule struct {
	Role  Role  // the least role that may
	Guest bool  // a guest may too, within the one meeting
	Scope Scope // what a token needs; empty: no token may
}

var rules = map[Action]Rule{
	ReadProfile:       {Role: Member, Scope: ScopeDirectoryRead},
	EditProfile:       {Role: Member},
	ManageSessions:    {Role: Member},
	ManageTokens:      {Role: Member},
	ReadDirectory:     {Role: Member, Scope: ScopeDirectoryRead},
	ManageDepartments: {Role: Admin, Scope: ScopeDirectoryWrite},
	SeeDisabledPeople: {Role: Admin, Scope: ScopeAdmin},
	InvitePeople:      {Role: Admin, Scope: ScopeAdmin},
	ManagePeople:      {Role: Admin, Scope: ScopeAdmin},
	ResetPasswords:    {Role: Admin},
	ManageOwners:      {Role: Owner},
	ManageCompany:     {Role: Admin, Scope: ScopeAdmin},
	ReadAvatars:       {Role: Member, Guest: true, Scope: ScopeDirectoryRead},
	ReadMeetings:      {Role: Member, Scope: ScopeMeetingsRead},
	CreateMeetings:    {Role: Member, Scope: ScopeMeetingsWrite},
	EnterMeetings:     {Role: Member, Guest: true},
	ReviewMeetings:    {Role: Admin, Scope: ScopeAdmin},
	ReadChat:          {Role: Member, Guest: true, Scope: ScopeChatRead},
	WriteChat:         {Role: Member, Guest: true, Scope: ScopeChatWrite},
	ListBoards:        {Role: Member, Scope: ScopeBoardsRead},
	ReadBoards:        {Role: Member, Guest: true, Scope: ScopeBoardsRead},
	DrawBoards:        {Role: Member, Guest: true, Scope: ScopeBoardsWrite},
	CreateBoards:      {Role: Member, Scope: ScopeBoardsWrite},
	HandOverBoards:    {Role: Admin, Scope: ScopeAdmin},
}

// Actions lists every action in a stable order.
var Actions = func() []Action {
	list := make([]Action, 0, len(rules))
	for a := range rules {
		list = append(list, a)
	}
	slices.Sort(list)
	return list
}()

// Describe is the rule of a; ok is false when there is none.
func Describe(a Action) (r Rule, ok bool) {
	r, ok = rules[a]
	return r, ok
}

// Can holds when p may do a. An action without a rule is refused to everybody.
func Can(p Principal, a Action) bool {
	r, ok := rules[a]
	if !ok {
		return false
	}
	switch p.Kind {
	case User:
		return p.Role.AtLeast(r.Role)
	case Token:
		return p.Role.AtLeast(r.Role) && r.Scope != "" && p.HasScope(r.Scope)
	case Guest:
		return r.Guest
	default:
		return false
	}
}

// Permitted lists what p may do, for clients that hide what is refused anyway.
func Permitted(p Principal) []Action {
	return slices.DeleteFunc(slices.Clone(Actions), func(a Action) bool { return !Can(p, a) })
}

// RoleChange is a wish to give a person another role or to disable or enable
// them.
type RoleChange struct {
	By       Principal
	Self     bool // the person is By
	From, To Role
}

// Allowed holds when the change is within the rights of who makes it: only an
// owner makes, changes or disables an owner, and nobody raises themselves.
func (c RoleChange) Allowed() bool {
	if !Can(c.By, ManagePeople) {
		return false
	}
	if (c.From == Owner || c.To == Owner) && !Can(c.By, ManageOwners) {
		return false
	}
	return !c.Self || c.From.AtLeast(c.To)
}
