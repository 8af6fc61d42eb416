package meetings

import (
	"context"
	"net/http"
	"strings"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
)

// registerReview adds what hosts and admins may know of the connections in a meeting.
func (h handlers) registerReview(a *api.API, notFound []fault.Code) {
	api.Register(a, api.Operation{
		ID: "readQuality", Method: http.MethodGet, Path: "/meetings/{id}/quality", Tag: tag,
		Summary:     "See who had trouble with the connection, when and on which side",
		Description: "For those who host the meeting and for admins. While the meeting runs it is some seconds behind.",
		Access:      api.Needs(authz.ReadMeetings), Faults: notFound,
	}, h.quality)
	api.Register(a, api.Operation{
		ID: "downloadQuality", Method: http.MethodGet, Path: "/meetings/{id}/quality.csv", Tag: tag,
		Summary:     "Download how everybody was connected, second by second",
		Description: "One row for each participant and second. What clients report stands in the second in which the report came, for the time since the one before. Columns: " + strings.Join(qualityColumns, ", ") + ".",
		Access:      api.Needs(authz.ReadMeetings), Faults: notFound,
	}, h.qualityTable)
	api.Register(a, api.Operation{
		ID: "downloadTrackQuality", Method: http.MethodGet, Path: "/meetings/{id}/quality/tracks.csv", Tag: tag,
		Summary:     "Download what one participant sent and received, second by second",
		Description: "One row for each publication and second. Columns: " + strings.Join(trackColumns, ", ") + ".",
		Access:      api.Needs(authz.ReadMeetings), Faults: append([]fault.Code{fault.ParticipantNotFound}, notFound...),
	}, h.trackTable)
	api.Register(a, api.Operation{
		ID: "listReviewedRuns", Method: http.MethodGet, Path: "/meeting-quality", Tag: tag,
		Summary: "List when people met, and how many of them had trouble with the connection",
		Access:  api.Needs(authz.ReviewMeetings), Faults: []fault.Code{fault.Validation},
	}, h.recentRuns)
	describeFile(a, "/meetings/{id}/quality.csv", "text/csv")
	describeFile(a, "/meetings/{id}/quality/tracks.csv", "text/csv")
}

type (
	// QualityInput is exported for huma, which passes over what is not.
	QualityInput struct {
		IDInput
		SessionID string `query:"sessionId" format:"uuid" doc:"A run of the meeting. Defaults to the last one"`
	}
	trackQualityInput struct {
		QualityInput
		ParticipantID string `query:"participantId" required:"true" maxLength:"64"`
	}
	qualityOutput struct {
		Body *CallQuality
	}
	runsInput struct {
		Cursor string `query:"cursor" maxLength:"64"`
		Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"30"`
	}
	runsOutput struct {
		Body *ReviewedRuns
	}
)

// session is the run that is asked for; huma has checked its form.
func (in QualityInput) session() uuid.UUID {
	id, err := uuid.Parse(in.SessionID)
	if err != nil {
		return uuid.Nil
	}
	return id
}

func (h handlers) quality(ctx context.Context, in *QualityInput) (*qualityOutput, error) {
	q, err := h.Quality(ctx, authz.From(ctx), in.ID, in.session())
	return &qualityOutput{q}, err
}

func (h handlers) qualityTable(ctx context.Context, in *QualityInput) (*huma.StreamResponse, error) {
	f, err := h.QualityTable(ctx, authz.From(ctx), in.ID, in.session())
	if err != nil {
		return nil, err
	}
	return h.stream(f, "quality-"+f.Code+".csv"), nil
}

func (h handlers) trackTable(ctx context.Context, in *trackQualityInput) (*huma.StreamResponse, error) {
	f, err := h.TrackTable(ctx, authz.From(ctx), in.ID, in.session(), in.ParticipantID)
	if err != nil {
		return nil, err
	}
	return h.stream(f, "tracks-"+f.Code+".csv"), nil
}

// stream writes a file. One that cannot be finished is cut off, so that it is not taken for whole.
func (h handlers) stream(f *QualityFile, name string) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "text/csv; charset=utf-8")
		ctx.SetHeader("Content-Disposition", `attachment; filename="`+name+`"`)
		if err := f.Write(ctx.Context(), ctx.BodyWriter()); err != nil {
			h.log.Warn("download broken off", "file", name, "error", err)
			panic(http.ErrAbortHandler)
		}
	}}
}

func (h handlers) recentRuns(ctx context.Context, in *runsInput) (*runsOutput, error) {
	page, err := h.RecentRuns(ctx, authz.From(ctx), in.Cursor, in.Limit)
	return &runsOutput{page}, err
}
