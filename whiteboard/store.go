package whiteboard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

var (
	// ErrExists is answered to Create for a board that holds something already.
	ErrExists = errors.New("whiteboard: the board exists")
	// ErrNoState is answered for a state that is not kept: a Seq that never was, or one that history has thinned out.
	ErrNoState = errors.New("whiteboard: no such state")
	// ErrLost says that another node took the lease of the board over: what was appended and not yet committed is gone
	// from this Log, and nothing more will be committed by it. Clients still have it.
	ErrLost = errors.New("whiteboard: the lease of the board is lost")
)

// ElsewhereError says that another node holds the lease of a board.
type ElsewhereError struct{ Node string }

func (e *ElsewhereError) Error() string {
	return fmt.Sprintf("whiteboard: the board is open on node %s", e.Node)
}

// Store keeps the documents of boards. Whether a board exists and who may see it is the Doorkeeper's matter: a board
// that nobody has written to is empty. All methods may be called by any goroutine.
type Store interface {
	// Open takes the lease of a board for this node, so that no other node writes to it, and keeps it until Log.Close.
	// The error is an *ElsewhereError while another node has it. A second Open on the same node before the end of
	// Log.Close is a mistake of the caller.
	Open(ctx context.Context, board uuid.UUID) (Log, error)
	// Create gives a board that is empty its first state, a Yjs update. The error is ErrExists for one that is not.
	Create(ctx context.Context, board uuid.UUID, first Entry) error
	// State answers the committed state as one Yjs update, without a lease; that of an empty board is an empty update.
	State(ctx context.Context, board uuid.UUID) ([]byte, error)
	// At answers the state just after a change of History. The error is ErrNoState.
	At(ctx context.Context, board uuid.UUID, seq int64) ([]byte, error)
	// History lists changes, newest first.
	History(ctx context.Context, board uuid.UUID, page HistoryPage) ([]Change, error)
}

// Log is where an open board is kept. Append and Status are for the board's actor: they never wait. The others may run
// beside them on other goroutines.
type Log interface {
	// Load answers all updates that make up the board, oldest first. It is called once, before anything else; the
	// updates belong to the caller and must not be changed.
	Load(ctx context.Context) ([][]byte, error)
	// Append queues a change and returns at once. Changes are committed in their order, at most 100 ms behind while the
	// database answers, and kept in memory and tried again while it does not. After ErrLost and after Close it does nothing.
	// The caller stops appending when Status says that too many bytes wait.
	Append(Entry)
	// Status says how far behind the log is. It must cost no more than a lock.
	Status() LogStatus
	// Changed holds a signal whenever Status.Err has changed: trouble, healing, loss. It has a capacity of one and is
	// never closed.
	Changed() <-chan struct{}
	// Close waits until everything is committed, compacts the log and gives the lease back. When ctx ends first, what is left
	// is dropped and the error says how much. It is idempotent.
	Close(ctx context.Context) error
}

// Entry is a change of a board.
type Entry struct {
	Update []byte    // Yjs update format 1; never changed after Append
	Author string    // Person.Key of who made it; empty for the server itself
	At     time.Time // when the server took it
}

// LogStatus is the state of a Log.
type LogStatus struct {
	// Bytes and Entries are what was appended and is not committed.
	Bytes, Entries int
	// Err is why committing fails, nil while it works. ErrLost is for ever, all others may heal.
	Err error
}

// HistoryPage says which changes are wanted.
type HistoryPage struct {
	Before   int64     // only those with a smaller Seq; all when 0
	From, To time.Time // only those in [From, To); zero times do not bound
	Limit    int       // Defaults to 100, at most 1000
}

// Change is one step of a board's history: a single update while it is young, later all of a minute or an hour in
// which somebody drew.
type Change struct {
	Seq     int64 // grows with each change of the board; Store.At answers the state just after it
	At      time.Time
	Authors []string // Person.Key of all who changed something, without double ones; empty strings are left out
	Bytes   int      // of the updates
}
