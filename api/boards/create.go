package boards

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/api/boards/boardsdb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/search"
	"parley/whiteboard/scene"
	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
)

// Draft is a board to be.
type Draft struct {
	Title        string     `json:"title,omitempty" maxLength:"200" doc:"Defaults to that of the template or of the copied board"`
	Template     string     `json:"template,omitempty" enum:"retrospective,flowchart,kanban,brainstorm"`
	DepartmentID *uuid.UUID `json:"departmentId,omitempty" doc:"A department of one's own to keep it in, for all in it to edit. Defaults to none"`
	From         *Source    `json:"from,omitempty" doc:"The board to copy"`
}

// Source is a board, as it is or as it was.
type Source struct {
	BoardID uuid.UUID `json:"boardId"`
	Seq     int64     `json:"seq,omitempty" minimum:"0" doc:"A state of its history. Defaults to the newest"`
}

// start is what a new board begins with.
type start struct {
	title string
	state []byte    // nil: nothing
	files uuid.UUID // the board whose pictures it shows; uuid.Nil for none
}

// Create makes a board of the principal's.
func (s *Service) Create(ctx context.Context, p authz.Principal, d Draft) (*Board, error) {
	if err := s.takeCreation(p); err != nil {
		return nil, err
	}
	begin, err := s.begin(ctx, p, d)
	if err != nil {
		return nil, err
	}
	id, err := s.make(ctx, p, p.UserID, d.DepartmentID, begin)
	if err != nil {
		return nil, err
	}
	return s.Board(ctx, p, id)
}

// begin finds what the draft begins with.
func (s *Service) begin(ctx context.Context, p authz.Principal, d Draft) (start, error) {
	if d.Template != "" && d.From != nil {
		return start{}, fault.Invalid("body.from", "not together with a template")
	}
	words := wordsFor(p.Locale)
	begin := start{title: words.untitled}
	switch {
	case d.Template != "":
		t, ok := templateNamed(d.Template)
		if !ok {
			return start{}, fault.Invalid("body.template", "there is no such template")
		}
		begin = start{title: t.title(p.Locale), state: t.state(p.Locale)}
	case d.From != nil:
		source, err := s.standing(ctx, p, d.From.BoardID)
		if err != nil {
			return start{}, err
		}
		begin.title, begin.files = clipTitle(fmt.Sprintf(words.copyOf, source.board.Title)), source.board.ID
		if begin.state, err = s.copyState(ctx, *d.From); err != nil {
			return start{}, err
		}
	}
	if title := cleanTitle(d.Title); title != "" {
		begin.title = title
	}
	return begin, nil
}

// copyState is what a board shows, without what was deleted and who wrote it.
func (s *Service) copyState(ctx context.Context, from Source) ([]byte, error) {
	state, err := s.stateAt(ctx, from.BoardID, from.Seq)
	if err != nil {
		return nil, err
	}
	old, err := ydoc.Load(ydoc.Limits{}, state)
	if err != nil {
		return nil, fmt.Errorf("board %s: %w", from.BoardID, err)
	}
	fresh := ydoc.New(ydoc.Limits{})
	if _, err := fresh.Restore(old, rand.Uint64N(1<<32)); err != nil {
		return nil, err
	}
	return fresh.Encode(), nil
}

// stateAt is the document after change seq, the newest when seq is zero.
func (s *Service) stateAt(ctx context.Context, board uuid.UUID, seq int64) ([]byte, error) {
	if seq == 0 {
		return s.documents.State(ctx, board)
	}
	return s.documents.At(ctx, board, seq)
}

// make keeps a new board: first its document, which nobody finds before the row is there.
func (s *Service) make(ctx context.Context, p authz.Principal, owner uuid.UUID, department *uuid.UUID, begin start) (uuid.UUID, error) {
	if department != nil {
		if err := s.isDepartmentOf(ctx, owner, *department); err != nil {
			return uuid.Nil, err
		}
	}
	id := newID()
	if begin.state != nil {
		if err := s.documents.Create(ctx, id, begin.state, p.Key()); err != nil {
			return uuid.Nil, err
		}
	}
	err := s.transact(ctx, func(q *boardsdb.Queries) error { return s.insert(ctx, q, id, p, owner, department, begin) })
	if err != nil {
		if begin.state != nil {
			if gone := s.documents.Delete(context.WithoutCancel(ctx), id); gone != nil {
				s.log.Warn("document of no board stays", slog.Any("board", id), slog.Any("error", gone))
			}
		}
		return uuid.Nil, err
	}
	if begin.state != nil {
		if err := s.read(ctx, id, begin.state); err != nil {
			s.log.Warn("new board not drawn", slog.Any("board", id), slog.Any("error", err))
		}
	}
	s.tell(ctx, id)
	return id, nil
}

func (s *Service) insert(ctx context.Context, q *boardsdb.Queries, id uuid.UUID, p authz.Principal, owner uuid.UUID, department *uuid.UUID, begin start) error {
	if err := hasRoom(ctx, q, owner); err != nil {
		return err
	}
	now := s.time()
	if err := q.InsertBoard(ctx, boardsdb.InsertBoardParams{
		ID: id, OwnerID: owner, DepartmentID: department, Title: begin.title, Now: now, UpdatedBy: p.Key(),
	}); err != nil {
		return err
	}
	if err := indexTitle(ctx, q, id, begin.title); err != nil {
		return err
	}
	if department != nil {
		if err := q.AddAccess(ctx, boardsdb.AddAccessParams{BoardID: id, Kind: string(ToDepartment), SubjectID: *department, Role: string(Editor), Now: now}); err != nil {
			return err
		}
	}
	if begin.files != uuid.Nil {
		return q.CopyFiles(ctx, boardsdb.CopyFilesParams{FromID: begin.files, ToID: id, Now: now})
	}
	return nil
}

func indexTitle(ctx context.Context, q *boardsdb.Queries, id uuid.UUID, title string) error {
	return q.IndexTitle(ctx, boardsdb.IndexTitleParams{BoardID: id, Lexemes: orEmpty(search.Name(title).Lexemes)})
}

// hasRoom refuses one board too many; until the end of the transaction nobody makes another for that person.
func hasRoom(ctx context.Context, q *boardsdb.Queries, owner uuid.UUID) error {
	if err := q.LockOwner(ctx, "boards of "+owner.String()); err != nil {
		return err
	}
	n, err := q.CountOwned(ctx, owner)
	if err == nil && n >= maxBoards {
		err = limitReached(maxBoards)
	}
	return err
}

// isDepartmentOf refuses departments that the person is not in, also through one below it.
func (s *Service) isDepartmentOf(ctx context.Context, user, department uuid.UUID) error {
	theirs, err := s.db.DepartmentsAbove(ctx, user)
	if err == nil && !slices.Contains(theirs, department) {
		err = fault.DepartmentNotFound
	}
	return err
}

// Import makes a board of an .excalidraw file with the pictures in it.
func (s *Service) Import(ctx context.Context, p authz.Principal, title string, department *uuid.UUID, file []byte) (*Board, error) {
	if len(file) > maxImportBytes {
		return nil, fault.TooLarge
	}
	if err := s.takeCreation(p); err != nil {
		return nil, err
	}
	select { // one at a time: a file takes several times its size in memory
	case s.importing <- struct{}{}:
		defer func() { <-s.importing }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	drawing, err := scene.ParseDrawing(file)
	if err != nil {
		return nil, drawingFault(err)
	}
	pictures, err := s.picturesOf(ctx, drawing)
	if err != nil {
		return nil, err
	}
	state, err := drawing.State(rand.Uint64N(1 << 32))
	if err != nil {
		return nil, drawingFault(err)
	}
	begin := start{title: wordsFor(p.Locale).untitled, state: state}
	if title = cleanTitle(title); title != "" {
		begin.title = title
	}
	id, err := s.make(ctx, p, p.UserID, department, begin)
	if err != nil {
		return nil, err
	}
	for _, pic := range pictures {
		if _, err := s.keep(ctx, p, id, pic); err != nil {
			return nil, errors.Join(err, s.erase(context.WithoutCancel(ctx), id))
		}
	}
	if len(pictures) > 0 {
		s.refresher.enqueue(id)
	}
	return s.Board(ctx, p, id)
}

// takeCreation counts the boards that somebody makes.
func (s *Service) takeCreation(p authz.Principal) error {
	if ok, wait := s.creations.Take(p.Key()); !ok {
		return retryAfter(wait)
	}
	return nil
}

func retryAfter(wait time.Duration) error {
	return fault.RateLimited.With(map[string]any{"retryAfterSeconds": int(wait.Seconds()) + 1})
}

// cleanTitle makes one line of at most maxTitle characters, without marks that turn the direction of what follows.
func cleanTitle(title string) string {
	return clipTitle(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == utf8.RuneError, r == '\u2028', r == '\u2029':
			return ' '
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\ufeff':
			return -1
		}
		return r
	}, title))
}

func clipTitle(title string) string {
	title = strings.Join(strings.Fields(title), " ")
	if runes := []rune(title); len(runes) > maxTitle {
		title = strings.TrimSpace(string(runes[:maxTitle]))
	}
	return title
}

// words are what the server itself writes.
type words struct{ untitled, copyOf string }

func wordsFor(locale string) words {
	if locale == "zh-CN" {
		return words{"未命名白板", "%s 的副本"}
	}
	return words{"Untitled board", "Copy of %s"}
}

// drawingFault says what is wrong with a file that somebody brought.
func drawingFault(err error) error {
	if errors.Is(err, scene.ErrTooLarge) {
		return fault.New(fault.BoardTooLarge, fault.WithParams(map[string]any{"maxElements": scene.MaxElements}), fault.WithCause(err))
	}
	return fault.DrawingInvalid.Wrap(err)
}
