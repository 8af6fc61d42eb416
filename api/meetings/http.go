package meetings

import (
	"context"
	"net/http"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
)

const tag = "meetings"

// Register adds the operations of meetings to a.
func Register(a *api.API, s *Service) {
	h := handlers{s}
	notFound := []fault.Code{fault.MeetingNotFound}
	api.Register(a, api.Operation{
		ID: "createMeeting", Method: http.MethodPost, Path: "/meetings", Tag: tag, Summary: "Start a meeting now or schedule one",
		Access: api.Needs(authz.CreateMeetings), Status: http.StatusCreated, Faults: []fault.Code{fault.RateLimited},
	}, h.create)
	api.Register(a, api.Operation{
		ID: "listMeetings", Method: http.MethodGet, Path: "/meetings", Tag: tag, Summary: "List the meetings that one organizes, is invited to or attended",
		Access: api.Needs(authz.ReadMeetings), Faults: []fault.Code{fault.Validation},
	}, h.list)
	api.Register(a, api.Operation{
		ID: "readMeeting", Method: http.MethodGet, Path: "/meetings/{id}", Tag: tag, Summary: "Read a meeting",
		Access: api.Needs(authz.ReadMeetings), Faults: notFound,
	}, h.read)
	api.Register(a, api.Operation{
		ID: "updateMeeting", Method: http.MethodPatch, Path: "/meetings/{id}", Tag: tag, Summary: "Edit a meeting that one organizes or co-hosts",
		Access: api.Needs(authz.CreateMeetings), Faults: notFound,
	}, h.update)
	api.Register(a, api.Operation{
		ID: "cancelMeeting", Method: http.MethodDelete, Path: "/meetings/{id}", Tag: tag, Summary: "Cancel a meeting that one organizes",
		Description: "A meeting that runs is ended for all.", Access: api.Needs(authz.CreateMeetings), Faults: notFound,
	}, h.cancel)
	h.registerTexts(a, notFound)
	h.registerReview(a, notFound)
	h.registerDoor(a)
	h.registerStreamTokens(a)
}

func (h handlers) registerTexts(a *api.API, notFound []fault.Code) {
	api.Register(a, api.Operation{
		ID: "readInvitation", Method: http.MethodGet, Path: "/meetings/{id}/invitation", Tag: tag, Summary: "Write an invitation to a meeting",
		Access: api.Needs(authz.ReadMeetings), Faults: notFound,
	}, h.invitation)
	api.Register(a, api.Operation{
		ID: "downloadCalendarFile", Method: http.MethodGet, Path: "/meetings/{id}/invitation.ics", Tag: tag, Summary: "Download a meeting for calendar programs",
		Access: api.Needs(authz.ReadMeetings), Faults: notFound,
	}, h.calendar)
	api.Register(a, api.Operation{
		ID: "listAttendance", Method: http.MethodGet, Path: "/meetings/{id}/attendance", Tag: tag, Summary: "List who was in a meeting, and when",
		Access: api.Needs(authz.ReadMeetings), Faults: notFound,
	}, h.attendance)
	api.Register(a, api.Operation{
		ID: "downloadAttendance", Method: http.MethodGet, Path: "/meetings/{id}/attendance.csv", Tag: tag, Summary: "Download who was in a meeting as a table",
		Access: api.Needs(authz.ReadMeetings), Faults: notFound,
	}, h.attendanceTable)
	describeFile(a, "/meetings/{id}/invitation.ics", "text/calendar")
	describeFile(a, "/meetings/{id}/attendance.csv", "text/csv")
}

// describeFile makes the document tell the content type of a download, which huma takes for JSON.
func describeFile(a *api.API, path, contentType string) {
	ok := a.Huma().OpenAPI().Paths[path].Get.Responses["200"]
	ok.Content = map[string]*huma.MediaType{contentType: {Schema: &huma.Schema{Type: huma.TypeString}}}
}

// registerDoor adds what people without an account may ask.
func (h handlers) registerDoor(a *api.API) {
	api.Register(a, api.Operation{
		ID: "previewMeeting", Method: http.MethodGet, Path: "/meetings/by-code/{code}/preview", Tag: tag, Summary: "See what a code leads to",
		Access: api.Public(), Faults: []fault.Code{fault.MeetingNotFound, fault.RateLimited},
	}, h.preview)
	api.Register(a, api.Operation{
		ID: "enterAsGuest", Method: http.MethodPost, Path: "/meetings/by-code/{code}/guests", Tag: tag, Summary: "Give a name as a guest of a meeting",
		Description: "Sets a cookie by which the guest may enter this one meeting.", Access: api.Public(), Status: http.StatusCreated,
		Faults: []fault.Code{fault.MeetingNotFound, fault.MeetingEnded, fault.GuestsNotAllowed, fault.NameInvalid, fault.RateLimited},
	}, h.enterAsGuest)
}

type handlers struct{ *Service }

type (
	// IDInput and what is embedded below are exported for huma, which passes over what is not.
	IDInput struct {
		ID uuid.UUID `path:"id"`
	}
	LocaleInput struct {
		IDInput
		Locale string `query:"locale" maxLength:"35" doc:"zh-CN or en. Defaults to the reader's"`
	}
	createInput struct {
		Body MeetingDraft
	}
	updateInput struct {
		IDInput
		Body MeetingEdit
	}
	detailOutput struct {
		Body *MeetingDetail
	}
	listInput struct {
		View   View   `query:"view" enum:"running,coming,past" default:"coming"`
		Cursor string `query:"cursor" maxLength:"64"`
		Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"30"`
	}
	listOutput struct {
		Body *MeetingPage
	}
	fileOutput struct {
		ContentType string `header:"Content-Type"`
		Disposition string `header:"Content-Disposition"`
		Body        []byte
	}
	CodeInput struct {
		Code string `path:"code" maxLength:"32"`
	}
	previewOutput struct {
		CacheControl string `header:"Cache-Control"`
		Body         *Preview
	}
	guestInput struct {
		CodeInput
		Body GuestDraft
	}
	guestOutput struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
		Body      GuestEntry
	}
)

// The names of schemas are global in the document.
type (
	// MeetingDraft is Draft.
	MeetingDraft Draft
	// MeetingEdit is Edit.
	MeetingEdit Edit
)

// GuestDraft is who a visitor wants to be.
type GuestDraft struct {
	Name   string `json:"name" minLength:"1" maxLength:"256" doc:"1 to 64 characters that can be seen"`
	Locale string `json:"locale,omitempty" maxLength:"35"`
}

// GuestEntry is a guest as it is shown.
type GuestEntry struct {
	GuestID uuid.UUID `json:"guestId"`
	Name    string    `json:"name"`
}

// InvitationText is an invitation to be sent to people.
type InvitationText struct {
	Text string `json:"text"`
}

// Attendance is who was in a meeting.
type Attendance struct {
	Items []AttendanceEntry `json:"items"`
}

func (h handlers) create(ctx context.Context, in *createInput) (*detailOutput, error) {
	detail, err := h.Create(ctx, authz.From(ctx), Draft(in.Body))
	return &detailOutput{detail}, err
}

func (h handlers) list(ctx context.Context, in *listInput) (*listOutput, error) {
	page, err := h.List(ctx, authz.From(ctx).UserID, in.View, in.Cursor, in.Limit)
	return &listOutput{page}, err
}

func (h handlers) read(ctx context.Context, in *IDInput) (*detailOutput, error) {
	detail, err := h.Detail(ctx, authz.From(ctx).UserID, in.ID)
	return &detailOutput{detail}, err
}

func (h handlers) update(ctx context.Context, in *updateInput) (*detailOutput, error) {
	detail, err := h.Update(ctx, authz.From(ctx), in.ID, Edit(in.Body))
	return &detailOutput{detail}, err
}

func (h handlers) cancel(ctx context.Context, in *IDInput) (*struct{}, error) {
	return nil, h.Cancel(ctx, authz.From(ctx), in.ID)
}

// locale is the one asked for, else the reader's.
func (in LocaleInput) locale(ctx context.Context) string {
	if in.Locale != "" {
		return in.Locale
	}
	return authz.From(ctx).Locale
}

func (h handlers) invitation(ctx context.Context, in *LocaleInput) (*struct{ Body InvitationText }, error) {
	text, err := h.Invite(ctx, authz.From(ctx).UserID, in.ID, in.locale(ctx))
	return &struct{ Body InvitationText }{InvitationText{text}}, err
}

func (h handlers) calendar(ctx context.Context, in *LocaleInput) (*fileOutput, error) {
	code, file, err := h.CalendarFile(ctx, authz.From(ctx).UserID, in.ID, in.locale(ctx))
	return &fileOutput{"text/calendar; charset=utf-8; method=PUBLISH", `attachment; filename="meeting-` + code + `.ics"`, file}, err
}

func (h handlers) attendance(ctx context.Context, in *IDInput) (*struct{ Body Attendance }, error) {
	_, entries, err := h.Attendance(ctx, authz.From(ctx).UserID, in.ID)
	return &struct{ Body Attendance }{Attendance{entries}}, err
}

func (h handlers) attendanceTable(ctx context.Context, in *LocaleInput) (*fileOutput, error) {
	m, entries, err := h.Attendance(ctx, authz.From(ctx).UserID, in.ID)
	if err != nil {
		return nil, err
	}
	file := attendanceCSV(entries, in.locale(ctx), h.now())
	return &fileOutput{"text/csv; charset=utf-8", `attachment; filename="attendance-` + m.Code + `.csv"`, file}, nil
}

func (h handlers) preview(ctx context.Context, in *CodeInput) (*previewOutput, error) {
	preview, err := h.Preview(ctx, authz.From(ctx), in.Code, api.ClientFrom(ctx).Address.String())
	return &previewOutput{"no-store", preview}, err
}

func (h handlers) enterAsGuest(ctx context.Context, in *guestInput) (*guestOutput, error) {
	guest, err := h.EnterAsGuest(ctx, authz.From(ctx), in.Code, in.Body.Name, in.Body.Locale, api.ClientFrom(ctx).Address.String())
	return &guestOutput{guest.Cookie, GuestEntry{guest.ID, guest.Name}}, err
}
