package identity

import (
	"context"

	"parley/api"
	"parley/api/identity/identitydb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/names"
	"parley/internal/search"
	"parley/internal/secret"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	kindLogin = "login"
	kindEmail = "email"
)

// Account is a person as they see themselves, and as an admin sees them.
type Account struct {
	ID          uuid.UUID       `json:"id" format:"uuid"`
	Name        string          `json:"name"`
	Login       string          `json:"login" doc:"What one signs in with: a user name or an e-mail address."`
	Email       string          `json:"email,omitempty"`
	Role        authz.Role      `json:"role" enum:"owner,admin,member"`
	Locale      string          `json:"locale" enum:"zh-CN,en"`
	AvatarURL   string          `json:"avatarUrl,omitempty"`
	Departments []DepartmentRef `json:"departments" doc:"The primary one first."`
	Disabled    bool            `json:"disabled"`
}

// DepartmentRef names a department.
type DepartmentRef struct {
	ID   uuid.UUID `json:"id" format:"uuid"`
	Name string    `json:"name"`
}

// Company is what everybody knows of it.
type Company struct {
	Name string `json:"name"`
}

// Me is what a client needs to know at its start.
type Me struct {
	User        Account        `json:"user"`
	Company     Company        `json:"company"`
	Modules     []string       `json:"modules" doc:"What this installation has, for the navigation."`
	Permissions []authz.Action `json:"permissions" doc:"What this person may do in the company."`
}

// NewPerson is an account to be made.
type NewPerson struct {
	Name          string
	Login         string
	Email         string // may be empty
	Password      string // empty: nobody can sign in with one until it is reset
	Role          authz.Role
	Locale        string
	DepartmentIDs []uuid.UUID // the first is the primary one
}

// draft is a NewPerson that was checked and whose password was hashed, so that
// no transaction waits for it.
type draft struct {
	NewPerson
	id                 uuid.UUID
	loginKey, emailKey string
	hash               string
}

func (s *Service) draft(ctx context.Context, n NewPerson) (draft, error) {
	d := draft{NewPerson: n, id: newID()}
	var err error
	if d.Name, err = names.Clean(n.Name); err != nil {
		return d, err
	}
	if d.Login, d.loginKey, err = cleanLogin(n.Login); err != nil {
		return d, err
	}
	if n.Email != "" {
		if d.Email, d.emailKey, err = cleanEmail(n.Email); err != nil {
			return d, err
		}
	}
	d.Locale = cleanLocale(n.Locale)
	password := n.Password
	if password == "" {
		password, _ = secret.New("")
	} else if err = checkPassword(password, d.Login, d.Email, d.Name); err != nil {
		return d, err
	}
	d.hash, err = s.passwords.hash(ctx, password)
	return d, err
}

// AddPerson makes an account.
func (s *Service) AddPerson(ctx context.Context, n NewPerson) (uuid.UUID, error) {
	d, err := s.draft(ctx, n)
	if err != nil {
		return uuid.Nil, err
	}
	err = s.inTx(ctx, func(tx pgx.Tx, db *identitydb.Queries) error { return s.insert(ctx, tx, db, d) })
	return d.id, err
}

// insert makes the account of d and claims its names.
func (s *Service) insert(ctx context.Context, tx pgx.Tx, db *identitydb.Queries, d draft) error {
	keys := search.Name(d.Name, d.Login)
	err := db.CreateUser(ctx, identitydb.CreateUserParams{
		ID: d.id, Name: d.Name, Login: d.Login, Email: optional(d.Email), PasswordHash: d.hash,
		Role: string(d.Role), Locale: d.Locale,
		SortPinyin: keys.SortPinyin, SortLetters: keys.SortLetters, Lexemes: keys.Lexemes,
	})
	if err != nil {
		return err
	}
	if err := claim(ctx, db, d.id, kindLogin, d.loginKey); err != nil {
		return err
	}
	if d.emailKey != "" && d.emailKey != d.loginKey {
		if err := claim(ctx, db, d.id, kindEmail, d.emailKey); err != nil {
			return err
		}
	}
	if len(d.DepartmentIDs) == 0 {
		return nil
	}
	return s.departments.Assign(ctx, tx, d.id, d.DepartmentIDs)
}

// claim makes key sign in userID, unless it signs in somebody already.
func claim(ctx context.Context, db *identitydb.Queries, userID uuid.UUID, kind, key string) error {
	n, err := db.ClaimLoginName(ctx, identitydb.ClaimLoginNameParams{Key: key, UserID: userID, Kind: kind})
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.NameTaken.With(map[string]any{"field": kind})
	}
	return nil
}

// Me tells p about themselves.
func (s *Service) Me(ctx context.Context, p authz.Principal) (Me, error) {
	account, err := s.Account(ctx, p.UserID)
	if err != nil {
		return Me{}, err
	}
	company, err := s.db.CompanyName(ctx)
	if err != nil {
		return Me{}, err
	}
	p.Role = account.Role
	me := Me{User: account, Company: Company{Name: company}, Modules: s.modules, Permissions: authz.Permitted(p)}
	if me.Modules == nil {
		me.Modules = []string{}
	}
	return me, nil
}

// Account answers a person, fault.PersonNotFound when there is none.
func (s *Service) Account(ctx context.Context, id uuid.UUID) (Account, error) {
	row, err := s.db.User(ctx, id)
	if err != nil {
		return Account{}, orFault(err, fault.PersonNotFound)
	}
	departments, err := s.db.DepartmentsOfUser(ctx, id)
	if err != nil {
		return Account{}, err
	}
	a := Account{
		ID: row.ID, Name: row.Name, Login: row.Login, Role: authz.Role(row.Role), Locale: row.Locale,
		AvatarURL: api.AvatarURL(row.ID, row.AvatarVersion), Departments: []DepartmentRef{}, Disabled: row.DisabledAt != nil,
	}
	if row.Email != nil {
		a.Email = *row.Email
	}
	for _, d := range departments {
		a.Departments = append(a.Departments, DepartmentRef{ID: d.ID, Name: d.Name})
	}
	return a, nil
}

// ProfileChange holds what shall be different; nil stays.
type ProfileChange struct {
	Name, Locale, Email *string
}

// EditProfile changes what a person says about themselves.
func (s *Service) EditProfile(ctx context.Context, userID uuid.UUID, c ProfileChange) error {
	err := s.inTx(ctx, func(_ pgx.Tx, db *identitydb.Queries) error {
		user, err := db.UserForUpdate(ctx, userID)
		if err != nil {
			return orFault(err, fault.PersonNotFound)
		}
		if c.Name != nil {
			if user.Name, err = names.Clean(*c.Name); err != nil {
				return err
			}
		}
		if c.Locale != nil {
			user.Locale = cleanLocale(*c.Locale)
		}
		if c.Email != nil {
			if user.Email, err = changeEmail(ctx, db, userID, user.Login, *c.Email); err != nil {
				return err
			}
		}
		keys := search.Name(user.Name, user.Login)
		return db.SetProfile(ctx, identitydb.SetProfileParams{
			ID: userID, Name: user.Name, Locale: user.Locale, Email: user.Email,
			SortPinyin: keys.SortPinyin, SortLetters: keys.SortLetters, Lexemes: keys.Lexemes,
		})
	})
	if err == nil {
		s.known.dropUser(userID)
	}
	return err
}

// changeEmail moves the claim from the old e-mail address to the new one,
// which may be empty, and answers it as it is stored.
func changeEmail(ctx context.Context, db *identitydb.Queries, userID uuid.UUID, login, typed string) (*string, error) {
	if err := db.ReleaseLoginName(ctx, identitydb.ReleaseLoginNameParams{UserID: userID, Kind: kindEmail}); err != nil {
		return nil, err
	}
	if typed == "" {
		return nil, nil
	}
	email, key, err := cleanEmail(typed)
	if err != nil {
		return nil, err
	}
	if key != foldLogin(login) {
		if err := claim(ctx, db, userID, kindEmail, key); err != nil {
			return nil, err
		}
	}
	return &email, nil
}

// ChangePassword replaces a password and signs out all other browsers.
func (s *Service) ChangePassword(ctx context.Context, p authz.Principal, current, next string, from api.Client) error {
	try, err := s.attempts.begin(p.Key(), from.Address)
	if err != nil {
		return err
	}
	old, err := s.db.PasswordHash(ctx, p.UserID)
	if err != nil {
		return orFault(err, fault.PersonNotFound)
	}
	ok, _, err := s.passwords.verify(ctx, current, old)
	if err != nil {
		return err
	}
	if !ok {
		return fault.WrongPassword
	}
	try.right()
	nothing := func(*identitydb.Queries) error { return nil }
	return s.setPassword(ctx, p.UserID, next, p.SessionID, nothing, event{kind: "passwordChanged", userID: p.UserID, actorID: p.UserID, from: from})
}

// setPassword stores a new password, ends every session but keep, voids reset
// links and records e, all if spend lets it.
func (s *Service) setPassword(ctx context.Context, userID uuid.UUID, password string, keep uuid.UUID, spend func(*identitydb.Queries) error, e event) error {
	account, err := s.Account(ctx, userID)
	if err != nil {
		return err
	}
	if err := checkPassword(password, account.Login, account.Email, account.Name); err != nil {
		return err
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return err
	}
	var ended []uuid.UUID
	err = s.inTx(ctx, func(_ pgx.Tx, db *identitydb.Queries) error {
		if err := spend(db); err != nil {
			return err
		}
		if err := db.SetPasswordHash(ctx, identitydb.SetPasswordHashParams{ID: userID, PasswordHash: hash}); err != nil {
			return err
		}
		if ended, err = db.DeleteOtherSessions(ctx, identitydb.DeleteOtherSessionsParams{UserID: userID, ID: keep}); err != nil {
			return err
		}
		if err := db.DeletePasswordLinkOfUser(ctx, userID); err != nil {
			return err
		}
		return record(ctx, db, e)
	})
	if err != nil {
		return err
	}
	for _, session := range ended {
		s.revoked(userID, session)
	}
	return nil
}

// optional is nil for the empty string.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
