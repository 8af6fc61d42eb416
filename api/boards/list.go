package boards

import (
	"context"
	"strings"

	"parley/api"
	"parley/api/boards/boardsdb"
	"parley/internal/search"

	"github.com/google/uuid"
)

// Filter selects a list of boards.
type Filter string

// The filters. Boards in the trash are in no other list.
const (
	All        Filter = "all"
	Mine       Filter = "mine"
	Shared     Filter = "shared"     // others' boards that one may see
	Department Filter = "department" // kept in one's departments and those above them
	Recent     Filter = "recent"     // that one had open
	Trash      Filter = "trash"      // one's own
)

// Search says which boards are wanted.
type Search struct {
	Filter       Filter
	DepartmentID *uuid.UUID // where they are kept; nil: anywhere
	Text         string     // empty: any
	After        string     // cursor
	Limit        int
}

// List answers boards that a member may see.
func (s *Service) List(ctx context.Context, reader uuid.UUID, want Search) (*BoardPage, error) {
	from, err := api.ParseCursor(want.After)
	if err != nil {
		return nil, err
	}
	names, texts := search.Query(want.Text), search.TextQuery(want.Text)
	if strings.TrimSpace(want.Text) != "" && names == "" && texts == "" {
		return &BoardPage{Items: []Board{}}, nil
	}
	groups, err := s.groups.GroupIDs(ctx, reader)
	if err != nil {
		return nil, err
	}
	found, err := s.db.ListBoards(ctx, boardsdb.ListBoardsParams{
		UserID: reader, GroupIds: orEmpty(groups), Filter: string(want.Filter), DepartmentID: want.DepartmentID,
		NameQuery: names, TextQuery: texts, BeforeAt: from.At, BeforeID: from.ID, RowLimit: int32(want.Limit) + 1,
	})
	if err != nil {
		return nil, err
	}
	page := &BoardPage{}
	if len(found) > want.Limit {
		found = found[:want.Limit]
		last := found[want.Limit-1]
		page.NextCursor = api.Cursor{At: &last.SortAt, ID: last.Board.ID}.String()
	}
	rows := make([]row, 0, len(found))
	for _, r := range found {
		rows = append(rows, row{r.Board, roleOf(r.Rank), r.SharedWith, r.DepartmentName, r.OpenedAt})
	}
	if page.Items, err = s.show(ctx, rows); err != nil {
		return nil, err
	}
	for i := range page.Items {
		page.Items[i].Snippet = snippet(found[i].Text, want.Text)
	}
	return page, nil
}

func snippet(text, typed string) []BoardSnippetPart {
	var parts []BoardSnippetPart
	for _, p := range search.Excerpt(text, typed) {
		parts = append(parts, BoardSnippetPart{p.Text, p.Hit})
	}
	return parts
}
