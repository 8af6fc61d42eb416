package identity

import (
	"context"
	"net/http"
	"time"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/secret"

	"github.com/google/uuid"
)

// InvitationRequest says whom to invite as what.
type InvitationRequest struct {
	Email          string      `json:"email,omitempty" maxLength:"254" doc:"For whom it is meant; a note, not a condition."`
	Role           authz.Role  `json:"role" enum:"owner,admin,member"`
	DepartmentIDs  []uuid.UUID `json:"departmentIds,omitempty" maxItems:"20" uniqueItems:"true" doc:"The first is the primary one."`
	ExpiresInHours int         `json:"expiresInHours,omitempty" minimum:"1" maximum:"2160" default:"168"`
}

// NewInvitationLink is an invitation with its link, which is shown once.
type NewInvitationLink struct {
	Invitation
	URL string `json:"url" doc:"Whoever opens it can make the account, once."`
}

// InvitationList is the invitations that can still be accepted.
type InvitationList struct {
	Items []Invitation `json:"items"`
}

// InvitationPreview is what an invited person sees first.
type InvitationPreview struct {
	CompanyName string `json:"companyName"`
	InviterName string `json:"inviterName"`
	Email       string `json:"email,omitempty" doc:"For whom it was meant; a suggestion for the login."`
}

func registerInvitations(a *api.API, s *Service) {
	const tag = "invitations"
	api.Register(a, api.Operation{
		ID: "createInvitation", Method: http.MethodPost, Path: "/invitations", Tag: tag, Access: api.Needs(authz.InvitePeople),
		Summary: "Make a link by which one person can make an account", Faults: []fault.Code{fault.LoginInvalid, fault.DepartmentNotFound},
	}, s.postInvitation)
	api.Register(a, api.Operation{
		ID: "listInvitations", Method: http.MethodGet, Path: "/invitations", Tag: tag, Access: api.Needs(authz.InvitePeople),
		Summary: "List the invitations that can still be accepted",
	}, s.listInvitations)
	api.Register(a, api.Operation{
		ID: "deleteInvitation", Method: http.MethodDelete, Path: "/invitations/{id}", Tag: tag, Access: api.Needs(authz.InvitePeople),
		Summary: "Withdraw an invitation", Faults: []fault.Code{fault.NotFound},
	}, s.deleteInvitation)
	api.Register(a, api.Operation{
		ID: "getInvitationByToken", Method: http.MethodGet, Path: "/invitations/by-token/{token}", Tag: tag, Access: api.Public(),
		Summary: "Say who invites to which company", Faults: []fault.Code{fault.InvitationInvalid},
	}, s.getInvitation)
	api.Register(a, api.Operation{
		ID: "acceptInvitation", Method: http.MethodPost, Path: "/invitations/by-token/{token}/accept", Tag: tag, Access: api.Public(),
		Summary: "Make an account by an invitation; it is signed in",
		Faults:  append([]fault.Code{fault.InvitationInvalid}, newAccountFaults...),
	}, s.acceptInvitation)
}

func (s *Service) postInvitation(ctx context.Context, in *struct{ Body InvitationRequest }) (*struct{ Body NewInvitationLink }, error) {
	inv, url, err := s.Invite(ctx, authz.From(ctx), NewInvitation{
		Email: in.Body.Email, Role: in.Body.Role, DepartmentIDs: in.Body.DepartmentIDs,
		ExpiresIn: time.Duration(in.Body.ExpiresInHours) * time.Hour,
	}, api.ClientFrom(ctx))
	return &struct{ Body NewInvitationLink }{NewInvitationLink{inv, url}}, err
}

func (s *Service) listInvitations(ctx context.Context, _ *struct{}) (*struct{ Body InvitationList }, error) {
	list, err := s.Invitations(ctx)
	return &struct{ Body InvitationList }{InvitationList{list}}, err
}

func (s *Service) deleteInvitation(ctx context.Context, in *idPath) (*struct{}, error) {
	return nil, s.WithdrawInvitation(ctx, in.ID)
}

func (s *Service) getInvitation(ctx context.Context, in *tokenPath) (*struct{ Body InvitationPreview }, error) {
	row, err := s.db.InvitationByToken(ctx, secret.Hash(in.Token))
	if err != nil {
		return nil, orFault(err, fault.InvitationInvalid)
	}
	preview := InvitationPreview{CompanyName: row.CompanyName, InviterName: row.CreatorName}
	if row.Email != nil {
		preview.Email = *row.Email
	}
	return &struct{ Body InvitationPreview }{preview}, nil
}

type acceptInput struct {
	Token string `path:"token" maxLength:"100"`
	Body  NewAccount
}

func (s *Service) acceptInvitation(ctx context.Context, in *acceptInput) (*meOutput, error) {
	id, cookie, err := s.Accept(ctx, in.Token, in.Body.person(), api.ClientFrom(ctx))
	if err != nil {
		return nil, err
	}
	return s.welcome(ctx, id, cookie)
}

// TokenRequest describes a token to be made.
type TokenRequest struct {
	Name      string        `json:"name" minLength:"1" maxLength:"80"`
	Scopes    []authz.Scope `json:"scopes" minItems:"1" maxItems:"20" enum:"meetings:read,meetings:write,chat:read,chat:write,boards:read,boards:write,directory:read,directory:write,admin"`
	ExpiresAt *time.Time    `json:"expiresAt,omitempty" doc:"Absent: it does not expire."`
}

// NewToken is a token with its secret, which is shown once.
type NewToken struct {
	Token
	Secret string `json:"secret" doc:"For the Authorization header, after Bearer." example:"pat_…"`
}

// TokenList is one's tokens.
type TokenList struct {
	Items []Token `json:"items"`
}

func registerTokens(a *api.API, s *Service) {
	const tag = "tokens"
	api.Register(a, api.Operation{
		ID: "createToken", Method: http.MethodPost, Path: "/tokens", Tag: tag, Access: api.Needs(authz.ManageTokens),
		Summary: "Make a token by which a program acts for me", Faults: []fault.Code{fault.NameInvalid, fault.LimitReached},
	}, s.postToken)
	api.Register(a, api.Operation{
		ID: "listTokens", Method: http.MethodGet, Path: "/tokens", Tag: tag, Access: api.Needs(authz.ManageTokens),
		Summary: "List my tokens",
	}, s.listTokens)
	api.Register(a, api.Operation{
		ID: "deleteToken", Method: http.MethodDelete, Path: "/tokens/{id}", Tag: tag, Access: api.Needs(authz.ManageTokens),
		Summary: "Revoke one of my tokens", Faults: []fault.Code{fault.NotFound},
	}, s.deleteToken)
}

func (s *Service) postToken(ctx context.Context, in *struct{ Body TokenRequest }) (*struct{ Body NewToken }, error) {
	t, text, err := s.MakeToken(ctx, authz.From(ctx), in.Body.Name, in.Body.Scopes, in.Body.ExpiresAt, api.ClientFrom(ctx))
	return &struct{ Body NewToken }{NewToken{t, text}}, err
}

func (s *Service) listTokens(ctx context.Context, _ *struct{}) (*struct{ Body TokenList }, error) {
	list, err := s.Tokens(ctx, authz.From(ctx).UserID)
	return &struct{ Body TokenList }{TokenList{list}}, err
}

func (s *Service) deleteToken(ctx context.Context, in *idPath) (*struct{}, error) {
	return nil, s.RevokeToken(ctx, authz.From(ctx), in.ID, api.ClientFrom(ctx))
}

// PersonRequest holds what shall change about somebody.
type PersonRequest struct {
	Role          *authz.Role  `json:"role,omitempty" enum:"owner,admin,member"`
	Disabled      *bool        `json:"disabled,omitempty"`
	DepartmentIDs *[]uuid.UUID `json:"departmentIds,omitempty" maxItems:"20" uniqueItems:"true" doc:"All of them; the first is the primary one."`
}

// PasswordLink is a one-use link, shown once.
type PasswordLink struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// PasswordResetPreview is what somebody sees who opens a password link.
type PasswordResetPreview struct {
	CompanyName string `json:"companyName"`
	Name        string `json:"name"`
	Login       string `json:"login"`
}

// PasswordResetRequest sets a password by a link.
type PasswordResetRequest struct {
	Password string `json:"password" maxLength:"256"`
}

func registerPeople(a *api.API, s *Service) {
	const tag = "people"
	api.Register(a, api.Operation{
		ID: "updatePerson", Method: http.MethodPatch, Path: "/users/{id}", Tag: tag, Access: api.Needs(authz.ManagePeople),
		Summary:     "Change somebody's role or departments, disable or enable them",
		Description: "Only an owner makes, changes or disables an owner, and the last owner stays. Disabling signs out everywhere at once.",
		Faults:      []fault.Code{fault.PersonNotFound, fault.LastOwner, fault.DepartmentNotFound},
	}, s.patchPerson)
	api.Register(a, api.Operation{
		ID: "createPasswordLink", Method: http.MethodPost, Path: "/users/{id}/password-link", Tag: tag, Access: api.Needs(authz.ResetPasswords),
		Summary: "Make a one-use link by which somebody sets a new password", Faults: []fault.Code{fault.PersonNotFound},
	}, s.postPasswordLink)
	api.Register(a, api.Operation{
		ID: "getPasswordReset", Method: http.MethodGet, Path: "/password-resets/{token}", Tag: tag, Access: api.Public(),
		Summary: "Say whose password a link sets", Faults: []fault.Code{fault.ResetLinkInvalid},
	}, s.getPasswordReset)
	api.Register(a, api.Operation{
		ID: "resetPassword", Method: http.MethodPost, Path: "/password-resets/{token}", Tag: tag, Access: api.Public(),
		Summary: "Set a new password by a link and sign out everywhere",
		Faults:  []fault.Code{fault.ResetLinkInvalid, fault.WeakPassword, fault.Unavailable},
	}, s.postPasswordReset)
}

type patchPersonInput struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body PersonRequest
}

func (s *Service) patchPerson(ctx context.Context, in *patchPersonInput) (*struct{ Body Account }, error) {
	change := PersonChange{Role: in.Body.Role, Disabled: in.Body.Disabled, DepartmentIDs: in.Body.DepartmentIDs}
	if err := s.UpdatePerson(ctx, authz.From(ctx), in.ID, change, api.ClientFrom(ctx)); err != nil {
		return nil, err
	}
	account, err := s.Account(ctx, in.ID)
	return &struct{ Body Account }{account}, err
}

func (s *Service) postPasswordLink(ctx context.Context, in *idPath) (*struct{ Body PasswordLink }, error) {
	url, expiresAt, err := s.PasswordLink(ctx, authz.From(ctx), in.ID, api.ClientFrom(ctx))
	return &struct{ Body PasswordLink }{PasswordLink{url, expiresAt}}, err
}

func (s *Service) getPasswordReset(ctx context.Context, in *tokenPath) (*struct{ Body PasswordResetPreview }, error) {
	row, err := s.db.PasswordLinkByToken(ctx, secret.Hash(in.Token))
	if err != nil {
		return nil, orFault(err, fault.ResetLinkInvalid)
	}
	return &struct{ Body PasswordResetPreview }{PasswordResetPreview{row.CompanyName, row.Name, row.Login}}, nil
}

type resetInput struct {
	Token string `path:"token" maxLength:"100"`
	Body  PasswordResetRequest
}

func (s *Service) postPasswordReset(ctx context.Context, in *resetInput) (*struct{}, error) {
	return nil, s.ResetPassword(ctx, in.Token, in.Body.Password, api.ClientFrom(ctx))
}
