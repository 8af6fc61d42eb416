package boards

import (
	"context"
	"errors"
	"time"

	"parley/api/boards/boardsdb"
)

const (
	unreferencedTime = 90 * 24 * time.Hour // as long as the history shows each minute
	orphanTime       = 24 * time.Hour      // an upload may be under way
	cleanAtOnce      = 200
)

// Clean deletes for good what was in the trash for 30 days, and pictures that lay on no board for 90. It is run from time to
// time, on one node.
func (s *Service) Clean(ctx context.Context) error {
	boards, err := s.db.BoardsToDelete(ctx, boardsdb.BoardsToDeleteParams{DeletedBefore: s.time().Add(-trashTime), RowLimit: cleanAtOnce})
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range boards {
		errs = append(errs, s.erase(ctx, id))
	}
	return errors.Join(append(errs, s.reapFiles(ctx))...)
}

func (s *Service) reapFiles(ctx context.Context) error {
	var orphans []string
	err := s.transact(ctx, func(q *boardsdb.Queries) error {
		files, err := q.UnreferencedFiles(ctx, boardsdb.UnreferencedFilesParams{UnreferencedBefore: s.time().Add(-unreferencedTime), RowLimit: cleanAtOnce})
		if err != nil {
			return err
		}
		keys := make([]string, 0, len(files))
		for _, f := range files {
			if err := q.DeleteFile(ctx, boardsdb.DeleteFileParams{BoardID: f.BoardID, ID: f.ID}); err != nil {
				return err
			}
			keys = append(keys, f.ObjectKey)
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

// unused are those of the objects that no row points at.
func unused(ctx context.Context, q *boardsdb.Queries, keys []string) ([]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	used, err := q.ObjectsInUse(ctx, keys)
	if err != nil {
		return nil, err
	}
	inUse := make(map[string]bool, len(used))
	for _, key := range used {
		inUse[key] = true
	}
	var list []string
	for _, key := range keys {
		if !inUse[key] {
			list, inUse[key] = append(list, key), true
		}
	}
	return list, nil
}

// CleanObjects deletes pictures in the object store that no row points at: what a crash between the two left over.
func (s *Service) CleanObjects(ctx context.Context) error {
	var old []string
	for info, err := range s.objects.List(ctx, objectPrefix) {
		if err != nil {
			return err
		}
		if s.now().Sub(info.ModifiedAt) > orphanTime {
			old = append(old, info.Key)
		}
		if len(old) == cleanAtOnce {
			if err := s.dropUnused(ctx, old); err != nil {
				return err
			}
			old = old[:0]
		}
	}
	return s.dropUnused(ctx, old)
}

func (s *Service) dropUnused(ctx context.Context, keys []string) error {
	list, err := unused(ctx, s.db, keys)
	if err == nil {
		s.dropObjects(ctx, list)
	}
	return err
}
