package boards

import (
	"context"
	"slices"
	"strings"
	"time"

	"parley/api/boards/boardsdb"

	"github.com/google/uuid"
)

// Role is what somebody may do with a board.
type Role string

// The roles. A commenter may point and react; who edits may also rename it and restore earlier states; the owner shares and
// deletes it.
const (
	Viewer    Role = "viewer"
	Commenter Role = "commenter"
	Editor    Role = "editor"
	Owner     Role = "owner"
)

var roles = []Role{"", Viewer, Commenter, Editor, Owner}

// AtLeast holds when r may do all that other may. The zero Role may do nothing.
func (r Role) AtLeast(other Role) bool { return slices.Index(roles, r) >= slices.Index(roles, other) }

// roleOf is the role of a rank in queries.
func roleOf(rank int32) Role { return roles[rank] }

// BoardPerson is a member of the company.
type BoardPerson struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name"`
	AvatarURL string    `json:"avatarUrl,omitempty"`
}

// BoardAuthor is who changed a board: a member, or a guest of a meeting.
type BoardAuthor struct {
	Key       string `json:"key" doc:"user:<id> or guest:<id>"`
	Name      string `json:"name" doc:"Empty for guests and for who is not known any more"`
	AvatarURL string `json:"avatarUrl,omitempty"`
}

// BoardPlace is where a board is kept.
type BoardPlace struct {
	Kind           string     `json:"kind" enum:"personal,department"`
	DepartmentID   *uuid.UUID `json:"departmentId,omitempty"`
	DepartmentName string     `json:"departmentName,omitempty"`
}

// BoardSnippetPart is a piece of text around what was searched for.
type BoardSnippetPart struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit" doc:"This is what was searched for"`
}

// Board is a board as its reader sees it.
type Board struct {
	ID           uuid.UUID          `json:"id"`
	Title        string             `json:"title"`
	Owner        BoardPerson        `json:"owner"`
	Place        BoardPlace         `json:"place"`
	Role         Role               `json:"role" enum:"viewer,commenter,editor,owner" doc:"Of the reader"`
	SharedWith   int                `json:"sharedWith" doc:"How many people, departments and groups may see it besides the owner"`
	CreatedAt    time.Time          `json:"createdAt"`
	UpdatedAt    time.Time          `json:"updatedAt"`
	UpdatedBy    *BoardAuthor       `json:"updatedBy,omitempty"`
	OpenedAt     *time.Time         `json:"openedAt,omitempty" doc:"When the reader last had it open"`
	DeletedAt    *time.Time         `json:"deletedAt,omitempty" doc:"When it was put into the trash; it is deleted for good 30 days later"`
	ElementCount int                `json:"elementCount"`
	ThumbnailURL string             `json:"thumbnailUrl,omitempty" doc:"Absent until it is drawn for the first time"`
	Snippet      []BoardSnippetPart `json:"snippet,omitempty" doc:"Of a search: where on the board it was found"`
}

// BoardPage is a part of a list.
type BoardPage struct {
	Items      []Board `json:"items"`
	NextCursor string  `json:"nextCursor,omitempty" doc:"Absent on the last page"`
}

// row is a board as queries answer it.
type row struct {
	board      boardsdb.Board
	role       Role
	sharedWith int64
	department string
	openedAt   *time.Time
}

func rowFor(r boardsdb.BoardForRow) row {
	return row{r.Board, roleOf(r.Rank), r.SharedWith, r.DepartmentName, r.OpenedAt}
}

// show writes boards as their reader sees them.
func (s *Service) show(ctx context.Context, rows []row) ([]Board, error) {
	ids := make([]uuid.UUID, 0, 2*len(rows))
	for _, r := range rows {
		ids = append(ids, r.board.OwnerID)
		if id, ok := userOf(r.board.UpdatedBy); ok {
			ids = append(ids, id)
		}
	}
	people, err := s.people.People(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Board, 0, len(rows))
	for _, r := range rows {
		list = append(list, showOne(r, people))
	}
	return list, nil
}

func showOne(r row, people map[uuid.UUID]Person) Board {
	b := r.board
	shown := Board{
		ID: b.ID, Title: b.Title, Owner: ref(people, b.OwnerID), Place: BoardPlace{Kind: "personal"}, Role: r.role,
		SharedWith: int(r.sharedWith), CreatedAt: b.CreatedAt, UpdatedAt: b.UpdatedAt, OpenedAt: r.openedAt,
		DeletedAt: b.DeletedAt, ElementCount: int(b.ElementCount), ThumbnailURL: thumbnailURL(b.ID, b.ThumbnailVersion),
	}
	if b.DepartmentID != nil {
		shown.Place = BoardPlace{Kind: "department", DepartmentID: b.DepartmentID, DepartmentName: r.department}
	}
	if b.UpdatedBy != "" {
		author := authorRef(people, b.UpdatedBy)
		shown.UpdatedBy = &author
	}
	return shown
}

func ref(people map[uuid.UUID]Person, id uuid.UUID) BoardPerson {
	p := people[id]
	return BoardPerson{ID: id, Name: p.Name, AvatarURL: p.AvatarURL}
}

func authorRef(people map[uuid.UUID]Person, key string) BoardAuthor {
	id, _ := userOf(key)
	return BoardAuthor{Key: key, Name: people[id].Name, AvatarURL: people[id].AvatarURL}
}

// userOf is the id in the key of a member.
func userOf(key string) (uuid.UUID, bool) {
	text, ok := strings.CutPrefix(key, "user:")
	if !ok {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(text)
	return id, err == nil
}

func thumbnailURL(board uuid.UUID, version string) string {
	if version == "" {
		return ""
	}
	return prefix + "/boards/" + board.String() + "/thumbnail?v=" + version
}
