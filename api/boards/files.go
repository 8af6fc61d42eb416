package boards

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"parley/api"
	"parley/api/boards/boardsdb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/objectstore"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// inert keeps what is served here from doing anything when it is opened as a page: no script, nothing from elsewhere.
const inert = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"

func (h handlers) registerFiles(a *api.API) {
	api.Register(a, api.Operation{
		ID: "uploadBoardFile", Method: http.MethodPost, Path: "/boards/{id}/files", Tag: tag, Summary: "Put a picture on a board: PNG, JPEG, WebP or GIF up to 10 MiB",
		Description: "The id is the SHA-256 of the body; uploading the same again is fine. A board has at most 500 pictures. One that lies on the board no more is deleted after 90 days.",
		Access:      api.Needs(authz.DrawBoards), Status: http.StatusCreated, MaxBody: maxPictureBytes + 1, BodyTimeout: 2 * time.Minute,
		Faults: []fault.Code{fault.BoardNotFound, fault.BoardReadOnly, fault.ImageInvalid, fault.TooLarge, fault.LimitReached, fault.RateLimited},
	}, h.upload)
	api.HandleHTTP(a, api.Operation{
		ID: "readBoardFile", Method: http.MethodGet, Path: "/boards/{id}/files/{fileId}", Tag: tag, Summary: "A picture on a board; it never changes",
		Access: api.Needs(authz.ReadBoards), Faults: []fault.Code{fault.BoardNotFound, fault.NotFound},
	}, api.HandlerFunc(a, h.file))
	api.HandleHTTP(a, api.Operation{
		ID: "readBoardThumbnail", Method: http.MethodGet, Path: "/boards/{id}/thumbnail", Tag: tag, Summary: "The board as a small SVG",
		Description: "The address in the board names its version by v; one version never changes.",
		Access:      api.Needs(authz.ReadBoards), Faults: []fault.Code{fault.BoardNotFound, fault.NotFound},
	}, api.HandlerFunc(a, h.thumbnail))
}

// BoardFile is a picture that may lie on a board.
type BoardFile struct {
	ID          string `json:"id" doc:"SHA-256 of what was uploaded, in hex"`
	URL         string `json:"url"`
	ContentType string `json:"contentType"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
	Bytes       int64  `json:"bytes"`
}

type (
	uploadInput struct {
		IDInput
		RawBody []byte `contentType:"image/*"`
	}
	fileOutput struct {
		Body *BoardFile
	}
)

func (h handlers) upload(ctx context.Context, in *uploadInput) (*fileOutput, error) {
	file, err := h.Upload(ctx, authz.From(ctx), in.ID, in.RawBody)
	return &fileOutput{file}, err
}

// Upload keeps a picture for a board that the principal may change.
func (s *Service) Upload(ctx context.Context, p authz.Principal, board uuid.UUID, data []byte) (*BoardFile, error) {
	if err := p.Require(authz.DrawBoards); err != nil {
		return nil, err
	}
	if _, err := s.mayEdit(ctx, p, board); err != nil {
		return nil, err
	}
	if ok, wait := s.uploads.Take(p.Key()); !ok {
		return nil, retryAfter(wait)
	}
	if len(data) > maxPictureBytes {
		return nil, fault.TooLarge
	}
	pic, err := s.readPicture(ctx, data)
	if err != nil {
		return nil, err
	}
	return s.keep(ctx, p, board, pic)
}

// keep stores a picture of a board once.
func (s *Service) keep(ctx context.Context, p authz.Principal, board uuid.UUID, pic pictured) (*BoardFile, error) {
	id := pic.id()
	if f, err := s.db.BoardFile(ctx, boardsdb.BoardFileParams{BoardID: board, ID: id}); err == nil {
		return showFile(f), s.db.TouchFile(ctx, boardsdb.TouchFileParams{BoardID: board, ID: id, Now: s.time()})
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return nil, err
	}
	key := objectPrefix + board.String() + "/" + newID().String()
	content := objectstore.Content{Reader: bytes.NewReader(pic.stored), Size: int64(len(pic.stored))}
	if _, err := s.objects.Put(ctx, key, content); err != nil {
		return nil, fmt.Errorf("store picture: %w", err)
	}
	file := boardsdb.InsertFileParams{
		BoardID: board, ID: id, ObjectKey: key, ContentType: pic.contentType, Bytes: int64(len(pic.stored)),
		Width: int32(pic.width), Height: int32(pic.height), Small: pic.small, UploadedBy: p.Key(), Now: s.time(),
	}
	inserted, err := s.insertFile(ctx, file)
	if err != nil || !inserted {
		s.dropObjects(context.WithoutCancel(ctx), []string{key})
	}
	if err != nil {
		return nil, err
	}
	f, err := s.db.BoardFile(ctx, boardsdb.BoardFileParams{BoardID: board, ID: id})
	return showFile(f), err
}

// insertFile counts the files of a board one after the other.
func (s *Service) insertFile(ctx context.Context, file boardsdb.InsertFileParams) (inserted bool, err error) {
	err = s.transact(ctx, func(q *boardsdb.Queries) error {
		if _, err := q.BoardForUpdate(ctx, file.BoardID); err != nil {
			return found(err)
		}
		n, err := q.CountFiles(ctx, file.BoardID)
		if err != nil {
			return err
		}
		if n >= maxFiles {
			return limitReached(maxFiles)
		}
		rows, err := q.InsertFile(ctx, file)
		inserted = rows > 0
		return err
	})
	return inserted, err
}

// objectPrefix begins the keys of pictures in the object store.
const objectPrefix = "boards/"

func showFile(f boardsdb.BoardFileRow) *BoardFile {
	return &BoardFile{
		ID: f.ID, URL: prefix + "/boards/" + f.BoardID.String() + "/files/" + f.ID, ContentType: f.ContentType,
		Width: int(f.Width), Height: int(f.Height), Bytes: f.Bytes,
	}
}

var fileID = regexp.MustCompile(`^[0-9a-f]{64}$`)

// File opens a picture of a board. The caller closes it.
func (s *Service) File(ctx context.Context, p authz.Principal, board uuid.UUID, id string) (io.ReadCloser, *BoardFile, error) {
	if _, err := s.standing(ctx, p, board); err != nil {
		return nil, nil, err
	}
	if !fileID.MatchString(id) {
		return nil, nil, fault.NotFound
	}
	f, err := s.db.BoardFile(ctx, boardsdb.BoardFileParams{BoardID: board, ID: id})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil, fault.NotFound
	} else if err != nil {
		return nil, nil, err
	}
	body, _, err := s.objects.Get(ctx, f.ObjectKey, 0, objectstore.Unknown)
	if errors.Is(err, objectstore.ErrNotFound) {
		return nil, nil, fault.NotFound.Wrap(err)
	}
	return body, showFile(f), err
}

func (h handlers) file(w http.ResponseWriter, r *http.Request) error {
	board, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return fault.BoardNotFound
	}
	body, f, err := h.File(r.Context(), authz.From(r.Context()), board, r.PathValue("fileId"))
	if err != nil {
		return err
	}
	defer body.Close() // only read from
	serveInert(w, f.ContentType, true)
	w.Header().Set("Content-Length", strconv.FormatInt(f.Bytes, 10))
	if _, err := io.Copy(w, body); err != nil {
		h.log.Debug("picture not delivered", slog.Any("error", err))
	}
	return nil
}

// Thumbnail is the drawing of a board in small, SVG, with its version.
func (s *Service) Thumbnail(ctx context.Context, p authz.Principal, board uuid.UUID) (svg []byte, version string, err error) {
	if _, err := s.anywhere(ctx, p, board); err != nil {
		return nil, "", err
	}
	t, err := s.db.Thumbnail(ctx, board)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, "", fault.NotFound
	}
	return t.Svg, t.Version, err
}

func (h handlers) thumbnail(w http.ResponseWriter, r *http.Request) error {
	board, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return fault.BoardNotFound
	}
	svg, version, err := h.Thumbnail(r.Context(), authz.From(r.Context()), board)
	if err != nil {
		return err
	}
	serveInert(w, "image/svg+xml", r.URL.Query().Get("v") == version)
	if _, err := w.Write(svg); err != nil {
		h.log.Debug("thumbnail not delivered", slog.Any("error", err))
	}
	return nil
}

func (h handlers) templateThumbnail(w http.ResponseWriter, r *http.Request) error {
	t, ok := templateNamed(r.PathValue("name"))
	if !ok {
		return fault.NotFound
	}
	serveInert(w, "image/svg+xml", r.URL.Query().Get("v") == t.version)
	_, _ = w.Write(t.thumbnail(r.PathValue("locale")))
	return nil
}

// serveInert says what content is and that it can do nothing.
func serveInert(w http.ResponseWriter, contentType string, immutable bool) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Security-Policy", inert)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "private, no-cache")
	if immutable {
		w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	}
}
