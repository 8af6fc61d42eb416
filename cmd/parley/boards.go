package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"parley/api/boards"
	"parley/api/identity"
	"parley/internal/bus"
	"parley/internal/fault"
	"parley/internal/origin"
	"parley/whiteboard"

	"github.com/google/uuid"
)

// Subjects of the bus on which all nodes hear that something has happened to a board, whose id is the message.
const (
	boardAccess = "boards.access"
	boardClosed = "boards.closed"
)

// openWhiteboard starts the server of open boards.
func (a *app) openWhiteboard(s *storage, d *domains) error {
	node, err := nodeName(a.cfg.DataDir)
	if err != nil {
		return err
	}
	pages, err := origin.New(a.cfg.PublicURL)
	if err != nil {
		return err
	}
	log := a.log.With("component", "boards")
	server, err := whiteboard.New(whiteboard.Config{
		Store: d.documents.store, Doorkeeper: boardDoor{d.people, d.boards}, Relay: &boardRelay{bus: s.bus, node: node, log: log},
		Origin: pages.Same, OnChanged: func(c whiteboard.Changed) { tellChanged(d.boards, c) }, Log: log, Metrics: a.metrics,
	})
	if err != nil {
		return err
	}
	a.started("open boards", server.Shutdown)
	d.documents.server.Store(server)
	lent := newLentRoles(s.bus, node, d.rooms.drawers, d.documents.recheckPerson, log)
	changed := func(_ uuid.UUID, people []string) {
		lent.tell(false)
		for _, key := range people {
			d.documents.recheckPerson(key)
		}
	}
	d.rooms.lent.Store(lent)
	telling, err := lent.start()
	if err != nil {
		return fmt.Errorf("boards: %w", err)
	}
	a.started("roles that meetings lend", telling)
	d.rooms.boardRolesChanged.Store(&changed)
	named, err := s.bus.Subscribe("meetingboards.*", d.rooms.hearBoards)
	if err != nil {
		return fmt.Errorf("boards: %w", err)
	}
	heard, err := s.bus.Subscribe("boards.*", d.documents.hear)
	if err != nil {
		return fmt.Errorf("boards: %w", err)
	}
	a.started("news of boards", func(context.Context) error {
		heard.Close()
		named.Close()
		return nil
	})
	return nil
}

// boardRoutes is everything below /whiteboard/.
func boardRoutes(d *domains) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(whiteboard.Path, d.documents.server.Load())
	return mux
}

func tellChanged(service *boards.Service, c whiteboard.Changed) {
	var author string
	if len(c.Authors) > 0 {
		author = c.Authors[len(c.Authors)-1]
	}
	service.Changed(c.Board, author)
}

// everywhere tells all nodes, this one even when the bus cannot be reached: others find out by themselves within seconds.
func (b *boardDocuments) everywhere(subject string, board uuid.UUID) {
	b.hear(bus.Message{Subject: subject, Data: []byte(board.String())})
	_ = b.bus.Publish(context.Background(), subject, []byte(board.String()))
}

// hear does here what happened to a board. It makes no difference to do it twice.
func (b *boardDocuments) hear(m bus.Message) {
	server := b.server.Load()
	board, err := uuid.ParseBytes(m.Data)
	if server == nil || err != nil {
		return
	}
	switch m.Subject {
	case boardAccess:
		server.Recheck(board)
	case boardClosed:
		server.CloseBoard(board)
	}
}

// recheckPerson asks again about everything that somebody has open.
func (b *boardDocuments) recheckPerson(key string) {
	if server := b.server.Load(); server != nil {
		server.RecheckPerson(key)
	}
}

// boardDoor is identity and boards as open boards see them.
type boardDoor struct {
	people *identity.Service
	boards *boards.Service
}

// Admit implements whiteboard.Doorkeeper.
func (d boardDoor) Admit(ctx context.Context, r *http.Request, board uuid.UUID) (whiteboard.Grant, error) {
	who, err := d.people.Authenticate(r.WithContext(ctx))
	if err != nil {
		return whiteboard.Grant{}, doorError(err)
	}
	a, err := d.boards.Admit(ctx, who, board)
	if err != nil {
		return whiteboard.Grant{}, doorError(err)
	}
	return whiteboard.Grant{
		Person: whiteboard.Person{Key: a.PersonKey, Name: a.Name, AvatarURL: a.AvatarURL}, Role: whiteboard.Role(a.Role),
	}, nil
}

// doorError turns a fault into the errors of a doorkeeper; any other error says that nobody knows.
func doorError(err error) error {
	if errors.Is(err, boards.ErrNoRole) {
		return fmt.Errorf("%w: %w", whiteboard.ErrHidden, err)
	}
	for code, kind := range map[fault.Code]error{
		fault.BoardNotFound: whiteboard.ErrNotFound, fault.Forbidden: whiteboard.ErrDenied, fault.Unauthenticated: whiteboard.ErrUnauthenticated,
	} {
		if errors.Is(err, code) {
			return fmt.Errorf("%w: %w", kind, err)
		}
	}
	return err
}
