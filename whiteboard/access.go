package whiteboard

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
)

var (
	// ErrNotFound says that there is no such board.
	ErrNotFound = errors.New("whiteboard: no such board")
	// ErrHidden says that the person may not know of the board. Who had it open is told that it was taken away.
	ErrHidden = errors.New("whiteboard: board is hidden")
	// ErrDenied says that the person may not open the board.
	ErrDenied = errors.New("whiteboard: access denied")
	// ErrUnauthenticated says that a request does not show who makes it.
	ErrUnauthenticated = errors.New("whiteboard: not authenticated")
)

// Role is what a person may do with a board.
type Role string

// The roles. A viewer sees the board and is seen in the list of those who look. A commenter has a pointer and reactions
// as well. Editors and owners change the document.
const (
	RoleViewer    Role = "viewer"
	RoleCommenter Role = "commenter"
	RoleEditor    Role = "editor"
	RoleOwner     Role = "owner"
)

// Valid tells whether the role is one of those above.
func (r Role) Valid() bool {
	return r == RoleViewer || r == RoleCommenter || r == RoleEditor || r == RoleOwner
}

// MayWrite tells whether the role changes the document.
func (r Role) MayWrite() bool { return r == RoleEditor || r == RoleOwner }

// Person is who is connected.
type Person struct {
	Key       string // "user:<uuid>" or "guest:<uuid>"
	Name      string
	AvatarURL string // may be empty
}

// Grant is what a person may do, now.
type Grant struct {
	Person Person
	Role   Role
	// Until is when the grant ends unless it is renewed; zero when it does not.
	Until time.Time
}

// Doorkeeper says who may do what with a board. Admit is asked when a connection opens, after Server.Recheck, and every
// 15 seconds, each time with the request that opened the connection and a context of its own. It finds out anew who makes
// the request, so that a session that ended ends the connection.
//
// The errors are ErrNotFound, ErrHidden, ErrDenied and ErrUnauthenticated, possibly wrapped. Any other one means that nobody knows:
// a connection that is open stays as it is.
type Doorkeeper interface {
	Admit(ctx context.Context, r *http.Request, board uuid.UUID) (Grant, error)
}
