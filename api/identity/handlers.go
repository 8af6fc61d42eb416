package identity

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

// Register adds the operations of the domain to a. s may be nil when only the
// document is made.
func Register(a *api.API, s *Service) {
	registerSetup(a, s)
	registerSessions(a, s)
	registerProfile(a, s)
	registerInvitations(a, s)
	registerTokens(a, s)
	registerPeople(a, s)
}

type idPath struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type tokenPath struct {
	Token string `path:"token" maxLength:"100"`
}

// meOutput answers who one is, with a cookie when that is new.
type meOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      Me
}

// welcome answers somebody who has just been signed in.
func (s *Service) welcome(ctx context.Context, userID uuid.UUID, cookie http.Cookie) (*meOutput, error) {
	account, err := s.Account(ctx, userID)
	if err != nil {
		return nil, err
	}
	me, err := s.Me(ctx, authz.Principal{Kind: authz.User, UserID: userID, Role: account.Role})
	return &meOutput{SetCookie: []http.Cookie{cookie}, Body: me}, err
}

// SetupState says whether the company has been set up.
type SetupState struct {
	Needed      bool   `json:"needed"`
	CompanyName string `json:"companyName,omitempty"`
}

type setupStateOutput struct{ Body SetupState }

// SetupRequest names the company and its first owner.
type SetupRequest struct {
	Token       string `json:"token" maxLength:"100" doc:"From the link that the server printed at its first start."`
	CompanyName string `json:"companyName" minLength:"1" maxLength:"80"`
	NewAccount
}

// NewAccount is what people choose for themselves.
type NewAccount struct {
	Name     string `json:"name" minLength:"1" maxLength:"80"`
	Login    string `json:"login" minLength:"2" maxLength:"254" doc:"A user name or an e-mail address."`
	Password string `json:"password" minLength:"1" maxLength:"256"`
	Locale   string `json:"locale" enum:"zh-CN,en"`
}

func (n NewAccount) person() NewPerson {
	return NewPerson{Name: n.Name, Login: n.Login, Password: n.Password, Locale: n.Locale}
}

var newAccountFaults = []fault.Code{fault.NameInvalid, fault.LoginInvalid, fault.NameTaken, fault.WeakPassword, fault.Unavailable}

func registerSetup(a *api.API, s *Service) {
	const tag = "setup"
	api.Register(a, api.Operation{
		ID: "getSetup", Method: http.MethodGet, Path: "/setup", Tag: tag, Access: api.Public(),
		Summary: "Say whether the company is set up, and its name",
	}, s.getSetup)
	api.Register(a, api.Operation{
		ID: "setUp", Method: http.MethodPost, Path: "/setup", Tag: tag, Access: api.Public(),
		Summary: "Name the company and make its first owner, who is signed in",
		Faults:  append([]fault.Code{fault.SetupDone, fault.SetupLinkInvalid}, newAccountFaults...),
	}, s.postSetup)
}

func (s *Service) getSetup(ctx context.Context, _ *struct{}) (*setupStateOutput, error) {
	name, err := s.CompanyName(ctx)
	return &setupStateOutput{Body: SetupState{Needed: name == "", CompanyName: name}}, err
}

func (s *Service) postSetup(ctx context.Context, in *struct{ Body SetupRequest }) (*meOutput, error) {
	id, cookie, err := s.SetUp(ctx, in.Body.Token, in.Body.CompanyName, in.Body.person(), api.ClientFrom(ctx))
	if err != nil {
		return nil, err
	}
	return s.welcome(ctx, id, cookie)
}

// SignInRequest is what one types to sign in.
type SignInRequest struct {
	Login    string `json:"login" maxLength:"254" doc:"User name or e-mail address."`
	Password string `json:"password" maxLength:"256"`
}

// SessionList is where one is signed in.
type SessionList struct {
	Items []Session `json:"items"`
}

func registerSessions(a *api.API, s *Service) {
	const tag = "sessions"
	api.Register(a, api.Operation{
		ID: "signIn", Method: http.MethodPost, Path: "/sessions", Tag: tag, Access: api.Public(),
		Summary: "Sign in", Faults: []fault.Code{fault.WrongCredentials, fault.RateLimited, fault.Unavailable},
	}, s.postSession)
	api.Register(a, api.Operation{
		ID: "signOut", Method: http.MethodDelete, Path: "/sessions/current", Tag: tag, Access: api.Public(),
		Summary: "Sign out, as a guest too; not being signed in is fine",
	}, s.deleteCurrentSession)
	api.Register(a, api.Operation{
		ID: "listSessions", Method: http.MethodGet, Path: "/sessions", Tag: tag, Access: api.Needs(authz.ManageSessions),
		Summary: "List where I am signed in",
	}, s.listSessions)
	api.Register(a, api.Operation{
		ID: "endSession", Method: http.MethodDelete, Path: "/sessions/{id}", Tag: tag, Access: api.Needs(authz.ManageSessions),
		Summary: "Sign one of my browsers out", Faults: []fault.Code{fault.NotFound},
	}, s.deleteSession)
}

func (s *Service) postSession(ctx context.Context, in *struct{ Body SignInRequest }) (*meOutput, error) {
	id, cookie, err := s.SignIn(ctx, in.Body.Login, in.Body.Password, api.ClientFrom(ctx))
	if err != nil {
		return nil, err
	}
	return s.welcome(ctx, id, cookie)
}

type cookiesOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (s *Service) deleteCurrentSession(ctx context.Context, _ *struct{}) (*cookiesOutput, error) {
	p := authz.From(ctx)
	if p.Kind == authz.User {
		if err := s.EndSession(ctx, p, p.SessionID); err != nil && fault.From(err).Code != fault.NotFound {
			return nil, err
		}
	}
	return &cookiesOutput{SetCookie: []http.Cookie{s.cookie(api.SessionCookie, ""), s.cookie(api.GuestCookie, "")}}, nil
}

func (s *Service) listSessions(ctx context.Context, _ *struct{}) (*struct{ Body SessionList }, error) {
	list, err := s.Sessions(ctx, authz.From(ctx))
	return &struct{ Body SessionList }{SessionList{list}}, err
}

func (s *Service) deleteSession(ctx context.Context, in *idPath) (*struct{}, error) {
	return nil, s.EndSession(ctx, authz.From(ctx), in.ID)
}

// ProfileRequest holds what shall change about oneself.
type ProfileRequest struct {
	Name   *string `json:"name,omitempty" minLength:"1" maxLength:"80"`
	Locale *string `json:"locale,omitempty" enum:"zh-CN,en"`
	Email  *string `json:"email,omitempty" maxLength:"254" doc:"Empty removes it."`
}

// PasswordRequest changes one's password.
type PasswordRequest struct {
	Current string `json:"current" maxLength:"256"`
	Next    string `json:"next" maxLength:"256"`
}

type avatarInput struct {
	RawBody []byte `contentType:"image/*"`
}

func registerProfile(a *api.API, s *Service) {
	const tag = "profile"
	api.Register(a, api.Operation{
		ID: "getMe", Method: http.MethodGet, Path: "/me", Tag: tag, Access: api.Needs(authz.ReadProfile),
		Summary: "Say who I am, what I may do and what this installation has",
	}, s.getMe)
	api.Register(a, api.Operation{
		ID: "updateMe", Method: http.MethodPatch, Path: "/me", Tag: tag, Access: api.Needs(authz.EditProfile),
		Summary: "Change my name, language or e-mail address", Faults: []fault.Code{fault.NameInvalid, fault.LoginInvalid, fault.NameTaken},
	}, s.patchMe)
	api.Register(a, api.Operation{
		ID: "changePassword", Method: http.MethodPost, Path: "/me/password", Tag: tag, Access: api.Needs(authz.EditProfile),
		Summary: "Change my password and sign out my other browsers",
		Faults:  []fault.Code{fault.WrongPassword, fault.WeakPassword, fault.RateLimited, fault.Unavailable},
	}, s.postPassword)
	api.Register(a, api.Operation{
		ID: "setAvatar", Method: http.MethodPut, Path: "/me/avatar", Tag: tag, Access: api.Needs(authz.EditProfile),
		Summary: "Set my picture: PNG, JPEG or WebP up to 1 MiB", Faults: []fault.Code{fault.ImageInvalid, fault.TooLarge},
		MaxBody: maxPictureBytes + 1, BodyTimeout: time.Minute,
	}, s.putAvatar)
	api.Register(a, api.Operation{
		ID: "removeAvatar", Method: http.MethodDelete, Path: "/me/avatar", Tag: tag, Access: api.Needs(authz.EditProfile),
		Summary: "Remove my picture",
	}, s.deleteAvatar)
	api.HandleHTTP(a, api.Operation{
		ID: "getAvatar", Method: http.MethodGet, Path: "/avatars/{userId}/{version}", Tag: tag, Access: api.Needs(authz.ReadAvatars),
		Summary: "The picture of a person, 256 pixels square; each version never changes", Faults: []fault.Code{fault.NotFound},
	}, api.HandlerFunc(a, s.getAvatar))
}

func (s *Service) getMe(ctx context.Context, _ *struct{}) (*meOutput, error) {
	me, err := s.Me(ctx, authz.From(ctx))
	return &meOutput{Body: me}, err
}

func (s *Service) patchMe(ctx context.Context, in *struct{ Body ProfileRequest }) (*meOutput, error) {
	change := ProfileChange{Name: in.Body.Name, Locale: in.Body.Locale, Email: in.Body.Email}
	if err := s.EditProfile(ctx, authz.From(ctx).UserID, change); err != nil {
		return nil, err
	}
	return s.getMe(ctx, nil)
}

func (s *Service) postPassword(ctx context.Context, in *struct{ Body PasswordRequest }) (*struct{}, error) {
	return nil, s.ChangePassword(ctx, authz.From(ctx), in.Body.Current, in.Body.Next, api.ClientFrom(ctx))
}

func (s *Service) putAvatar(ctx context.Context, in *avatarInput) (*meOutput, error) {
	if err := s.SetAvatar(ctx, authz.From(ctx).UserID, in.RawBody); err != nil {
		return nil, err
	}
	return s.getMe(ctx, nil)
}

func (s *Service) deleteAvatar(ctx context.Context, _ *struct{}) (*meOutput, error) {
	if err := s.RemoveAvatar(ctx, authz.From(ctx).UserID); err != nil {
		return nil, err
	}
	return s.getMe(ctx, nil)
}

func (s *Service) getAvatar(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PathValue("userId"))
	if err != nil {
		return fault.NotFound
	}
	body, size, err := s.Avatar(r.Context(), id, r.PathValue("version"))
	if err != nil {
		return err
	}
	defer body.Close() // only read from
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	if _, err := io.Copy(w, body); err != nil {
		s.log.Debug("avatar not delivered", slog.Any("error", err))
	}
	return nil
}
