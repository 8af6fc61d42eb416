package boards

import (
	"context"
	"net/http"
	"time"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

const tag = "boards"

// Register adds the operations of boards to a. s may be nil when only the document is made.
func Register(a *api.API, s *Service) {
	h := handlers{s}
	h.registerBoards(a)
	h.registerTrash(a)
	h.registerAccess(a)
	h.registerHandOver(a)
	h.registerHistory(a)
	h.registerFiles(a)
	h.registerMeetings(a)
}

type handlers struct{ *Service }

func (h handlers) registerBoards(a *api.API) {
	creating := []fault.Code{fault.BoardNotFound, fault.BoardStateNotFound, fault.DepartmentNotFound, fault.BoardTooLarge, fault.LimitReached, fault.RateLimited}
	api.Register(a, api.Operation{
		ID: "listBoards", Method: http.MethodGet, Path: "/boards", Tag: tag, Summary: "List and search the boards that one may see",
		Description: "The last changed one first; with recent the last opened, with trash the last deleted.",
		Access:      api.Needs(authz.ListBoards), Faults: []fault.Code{fault.Validation},
	}, h.list)
	api.Register(a, api.Operation{
		ID: "createBoard", Method: http.MethodPost, Path: "/boards", Tag: tag, Summary: "Make a board: empty, of a template, or a copy of another one",
		Access: api.Needs(authz.CreateBoards), Status: http.StatusCreated, Faults: creating,
	}, h.create)
	api.Register(a, api.Operation{
		ID: "importBoard", Method: http.MethodPost, Path: "/boards/import", Tag: tag, Summary: "Make a board of an .excalidraw file",
		Description: "The body is the file, up to 32 MiB with its pictures. What cannot be used of it is left out.",
		Access:      api.Needs(authz.CreateBoards), Status: http.StatusCreated, MaxBody: maxImportBytes + 1, BodyTimeout: 2 * time.Minute,
		Faults: append([]fault.Code{fault.DrawingInvalid, fault.TooLarge}, creating...),
	}, h.importFile)
	api.Register(a, api.Operation{
		ID: "listBoardTemplates", Method: http.MethodGet, Path: "/boards/templates", Tag: tag, Summary: "List what a board can begin with",
		Access: api.Needs(authz.ListBoards),
	}, h.templates)
	api.HandleHTTP(a, api.Operation{
		ID: "readTemplateThumbnail", Method: http.MethodGet, Path: "/boards/templates/{name}/{locale}/thumbnail", Tag: tag, Summary: "The picture of a template as SVG",
		Access: api.Needs(authz.ListBoards), Faults: []fault.Code{fault.NotFound},
	}, api.HandlerFunc(a, h.templateThumbnail))
	api.Register(a, api.Operation{
		ID: "readBoard", Method: http.MethodGet, Path: "/boards/{id}", Tag: tag, Summary: "Read what a board is, not what is drawn on it",
		Access: api.Needs(authz.ReadBoards), Faults: []fault.Code{fault.BoardNotFound},
	}, h.read)
	api.Register(a, api.Operation{
		ID: "updateBoard", Method: http.MethodPatch, Path: "/boards/{id}", Tag: tag, Summary: "Rename a board, or keep it elsewhere",
		Description: "Editors rename; the owner moves it between their own boards and those of their departments.",
		Access:      api.Needs(authz.CreateBoards), Faults: []fault.Code{fault.BoardNotFound, fault.BoardReadOnly, fault.NotBoardOwner, fault.DepartmentNotFound},
	}, h.update)
}

func (h handlers) registerTrash(a *api.API) {
	faults := []fault.Code{fault.BoardNotFound, fault.NotBoardOwner}
	api.Register(a, api.Operation{
		ID: "deleteBoard", Method: http.MethodDelete, Path: "/boards/{id}", Tag: tag, Summary: "Put a board of one's own into the trash",
		Description: "It is closed for everybody, and deleted for good after 30 days.", Access: api.Needs(authz.CreateBoards), Faults: faults,
	}, h.delete)
	api.Register(a, api.Operation{
		ID: "restoreBoard", Method: http.MethodPost, Path: "/boards/{id}/restore", Tag: tag, Summary: "Take a board out of the trash",
		Access: api.Needs(authz.CreateBoards), Faults: faults,
	}, h.restore)
	api.Register(a, api.Operation{
		ID: "deleteBoardForGood", Method: http.MethodDelete, Path: "/boards/{id}/permanently", Tag: tag, Summary: "Delete a board in the trash for good",
		Access: api.Needs(authz.CreateBoards), Faults: append([]fault.Code{fault.WrongState}, faults...),
	}, h.deleteForGood)
}

func (h handlers) registerAccess(a *api.API) {
	faults := []fault.Code{fault.BoardNotFound, fault.NotBoardOwner, fault.PersonNotFound}
	api.Register(a, api.Operation{
		ID: "readBoardAccess", Method: http.MethodGet, Path: "/boards/{id}/access", Tag: tag, Summary: "See with whom a board is shared",
		Access: api.Needs(authz.ListBoards), Faults: []fault.Code{fault.BoardNotFound, fault.BoardReadOnly},
	}, h.access)
	api.Register(a, api.Operation{
		ID: "setBoardAccess", Method: http.MethodPut, Path: "/boards/{id}/access", Tag: tag, Summary: "Share a board of one's own",
		Description: "The list replaces what was there. Departments include those below them; people who have the board open are affected at once.",
		Access:      api.Needs(authz.CreateBoards), Faults: append([]fault.Code{fault.DepartmentNotFound, fault.ConversationNotFound, fault.MeetingNotFound, fault.LimitReached}, faults...),
	}, h.setAccess)
	api.Register(a, api.Operation{
		ID: "transferBoard", Method: http.MethodPut, Path: "/boards/{id}/owner", Tag: tag, Summary: "Give a board of one's own, or of a disabled account, to somebody else",
		Description: "Who owned it remains an editor. Those who manage people give away boards of disabled accounts that they may see.", Access: api.Needs(authz.CreateBoards), Faults: append([]fault.Code{fault.LimitReached}, faults...),
	}, h.transfer)
}

type (
	// IDInput is exported for huma, which passes over what is not.
	IDInput struct {
		ID uuid.UUID `path:"id"`
	}
	listInput struct {
		Filter       Filter `query:"filter" enum:"all,mine,shared,department,recent,trash" default:"all"`
		DepartmentID string `query:"departmentId" format:"uuid" doc:"Only boards that are kept in this department"`
		Query        string `query:"query" maxLength:"200" doc:"Found in titles and in what is written on boards"`
		Cursor       string `query:"cursor" maxLength:"64"`
		Limit        int    `query:"limit" minimum:"1" maximum:"100" default:"30"`
	}
	listOutput struct {
		Body *BoardPage
	}
	createInput struct {
		Body BoardDraft
	}
	importInput struct {
		Title        string `query:"title" maxLength:"200"`
		DepartmentID string `query:"departmentId" format:"uuid"`
		RawBody      []byte `contentType:"application/vnd.excalidraw+json"`
	}
	updateInput struct {
		IDInput
		Body BoardEdit
	}
	boardOutput struct {
		Body *Board
	}
	templatesOutput struct {
		Body BoardTemplates
	}
	accessOutput struct {
		Body *BoardAccess
	}
	accessInput struct {
		IDInput
		Body BoardSharing
	}
	transferInput struct {
		IDInput
		Body BoardTransfer
	}
)

// The names of schemas are global in the document.
type (
	// BoardDraft is Draft.
	BoardDraft Draft
	// BoardEdit is Edit.
	BoardEdit Edit
)

// BoardTransfer names a new owner.
type BoardTransfer struct {
	UserID uuid.UUID `json:"userId"`
}

// optionalID is an id in the query, nil when absent; huma has checked its form.
func optionalID(text string) *uuid.UUID {
	id, err := uuid.Parse(text)
	if err != nil {
		return nil
	}
	return &id
}

func (h handlers) list(ctx context.Context, in *listInput) (*listOutput, error) {
	page, err := h.List(ctx, authz.From(ctx).UserID, Search{
		Filter: in.Filter, DepartmentID: optionalID(in.DepartmentID), Text: in.Query, After: in.Cursor, Limit: in.Limit,
	})
	return &listOutput{page}, err
}

func (h handlers) create(ctx context.Context, in *createInput) (*boardOutput, error) {
	board, err := h.Create(ctx, authz.From(ctx), Draft(in.Body))
	return &boardOutput{board}, err
}

func (h handlers) importFile(ctx context.Context, in *importInput) (*boardOutput, error) {
	board, err := h.Import(ctx, authz.From(ctx), in.Title, optionalID(in.DepartmentID), in.RawBody)
	return &boardOutput{board}, err
}

func (h handlers) templates(ctx context.Context, _ *struct{}) (*templatesOutput, error) {
	return &templatesOutput{BoardTemplates{listTemplates(authz.From(ctx).Locale)}}, nil
}

func (h handlers) read(ctx context.Context, in *IDInput) (*boardOutput, error) {
	board, err := h.Board(ctx, authz.From(ctx), in.ID)
	return &boardOutput{board}, err
}

func (h handlers) update(ctx context.Context, in *updateInput) (*boardOutput, error) {
	board, err := h.Update(ctx, authz.From(ctx), in.ID, Edit(in.Body))
	return &boardOutput{board}, err
}

func (h handlers) delete(ctx context.Context, in *IDInput) (*struct{}, error) {
	return nil, h.Delete(ctx, authz.From(ctx), in.ID)
}

func (h handlers) restore(ctx context.Context, in *IDInput) (*boardOutput, error) {
	board, err := h.Restore(ctx, authz.From(ctx), in.ID)
	return &boardOutput{board}, err
}

func (h handlers) deleteForGood(ctx context.Context, in *IDInput) (*struct{}, error) {
	return nil, h.DeleteForGood(ctx, authz.From(ctx), in.ID)
}

func (h handlers) access(ctx context.Context, in *IDInput) (*accessOutput, error) {
	access, err := h.Access(ctx, authz.From(ctx), in.ID)
	return &accessOutput{access}, err
}

func (h handlers) setAccess(ctx context.Context, in *accessInput) (*accessOutput, error) {
	access, err := h.SetAccess(ctx, authz.From(ctx), in.ID, in.Body.Entries)
	return &accessOutput{access}, err
}

func (h handlers) transfer(ctx context.Context, in *transferInput) (*boardOutput, error) {
	board, err := h.Transfer(ctx, authz.From(ctx), in.ID, in.Body.UserID, api.ClientFrom(ctx))
	return &boardOutput{board}, err
}
