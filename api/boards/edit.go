package boards

import (
	"context"
	"fmt"
	"log/slog"

	"parley/api/boards/boardsdb"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

// Edit changes a board; what is absent stays.
type Edit struct {
	Title        *string `json:"title,omitempty" minLength:"1" maxLength:"200"`
	DepartmentID *string `json:"departmentId,omitempty" maxLength:"36" doc:"A department of one's own to keep it in, for all in it to edit; empty: out of the department again"`
}

// Update renames a board, which editors may, and moves it, which the owner may.
func (s *Service) Update(ctx context.Context, p authz.Principal, id uuid.UUID, e Edit) (*Board, error) {
	r, err := s.mayEdit(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if e.Title != nil {
		if err := s.rename(ctx, p, id, *e.Title); err != nil {
			return nil, err
		}
	}
	if e.DepartmentID != nil {
		if r.role != Owner {
			return nil, fault.NotBoardOwner
		}
		if err := s.move(ctx, r.board, *e.DepartmentID); err != nil {
			return nil, err
		}
	}
	return s.Board(ctx, p, id)
}

func (s *Service) rename(ctx context.Context, p authz.Principal, id uuid.UUID, title string) error {
	if title = cleanTitle(title); title == "" {
		return fault.Invalid("body.title", "nothing in it can be seen")
	}
	err := s.transact(ctx, func(q *boardsdb.Queries) error {
		if err := indexTitle(ctx, q, id, title); err != nil {
			return err
		}
		return q.RenameBoard(ctx, boardsdb.RenameBoardParams{ID: id, Title: title, Now: s.time(), UpdatedBy: p.Key()})
	})
	if err == nil {
		s.rooms.BoardRenamed(id, title)
		s.tell(ctx, id)
	}
	return err
}

// move keeps a board in a department, for all in it to edit, or takes it and their right out again.
func (s *Service) move(ctx context.Context, b boardsdb.Board, department string) error {
	var to *uuid.UUID
	if department != "" {
		id, err := uuid.Parse(department)
		if err != nil {
			return fault.DepartmentNotFound
		}
		if err := s.isDepartmentOf(ctx, b.OwnerID, id); err != nil {
			return err
		}
		to = &id
	}
	before := s.readers(ctx, b.ID)
	err := s.transact(ctx, func(q *boardsdb.Queries) error {
		if b.DepartmentID != nil && (to == nil || *to != *b.DepartmentID) {
			if err := q.DeleteAccess(ctx, boardsdb.DeleteAccessParams{BoardID: b.ID, Kind: string(ToDepartment), SubjectID: *b.DepartmentID}); err != nil {
				return err
			}
		}
		if to != nil {
			if err := q.AddAccess(ctx, boardsdb.AddAccessParams{BoardID: b.ID, Kind: string(ToDepartment), SubjectID: *to, Role: string(Editor), Now: s.time()}); err != nil {
				return err
			}
		}
		return q.MoveBoard(ctx, boardsdb.MoveBoardParams{ID: b.ID, DepartmentID: to})
	})
	if err == nil {
		s.documents.Recheck(b.ID)
		s.tell(ctx, b.ID, before)
	}
	return err
}

// Delete puts a board of the principal's into the trash and closes it for everybody.
func (s *Service) Delete(ctx context.Context, p authz.Principal, id uuid.UUID) error {
	r, err := s.mayOwn(ctx, p, id)
	if err != nil || r.board.DeletedAt != nil {
		return err
	}
	if err := s.db.TrashBoard(ctx, boardsdb.TrashBoardParams{ID: id, Now: s.time()}); err != nil {
		return err
	}
	s.rooms.BoardDeleted(id)
	s.documents.Close(id)
	s.tell(ctx, id)
	return nil
}

// Restore takes a board out of the trash.
func (s *Service) Restore(ctx context.Context, p authz.Principal, id uuid.UUID) (*Board, error) {
	if _, err := s.mayOwn(ctx, p, id); err != nil {
		return nil, err
	}
	if err := s.db.UntrashBoard(ctx, id); err != nil {
		return nil, err
	}
	s.tell(ctx, id)
	return s.Board(ctx, p, id)
}

// DeleteForGood deletes a board that is in the trash: its row, document, history and pictures.
func (s *Service) DeleteForGood(ctx context.Context, p authz.Principal, id uuid.UUID) error {
	r, err := s.mayOwn(ctx, p, id)
	if err != nil {
		return err
	}
	if r.board.DeletedAt == nil {
		return fault.WrongState
	}
	if err := s.erase(ctx, id); err != nil {
		return err
	}
	s.publish(ctx, id, readers{people: map[uuid.UUID]bool{r.board.OwnerID: true}})
	return nil
}

// erase can be begun again when it was broken off: the row, which is found in the trash, goes after the document.
func (s *Service) erase(ctx context.Context, id uuid.UUID) error {
	if err := s.documents.Delete(ctx, id); err != nil {
		return fmt.Errorf("delete document of board %s: %w", id, err)
	}
	var orphans []string
	err := s.transact(ctx, func(q *boardsdb.Queries) error {
		files, err := q.FilesForUpdate(ctx, id)
		if err != nil {
			return err
		}
		keys := make([]string, 0, len(files))
		for _, f := range files {
			keys = append(keys, f.ObjectKey)
		}
		if _, err := q.DeleteBoard(ctx, id); err != nil {
			return err
		}
		orphans, err = unused(ctx, q, keys)
		return err
	})
	if err != nil {
		return err
	}
	s.dropObjects(ctx, orphans)
	return nil
}

// dropObjects deletes objects that no row points at. What is left over is found by the job that looks for orphans.
func (s *Service) dropObjects(ctx context.Context, keys []string) {
	for _, key := range keys {
		if err := s.objects.Delete(ctx, key); err != nil {
			s.log.Warn("object not deleted", slog.String("key", key), slog.Any("error", err))
		}
	}
}
