package meetings

import (
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"time"

	"parley/api/meetings/meetingsdb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/quality"

	"github.com/google/uuid"
)

// The columns of the files, which do not change with the reader's language: they are for programs.
var (
	qualityColumns = []string{
		"time", "participantId", "userId", "name", "level", "side", "reason", "roundTripMs", "uplinkLossPercent", "downlinkLossPercent",
		"uplinkKbps", "downlinkKbps", "estimateKbps", "availableKbps", "freezeMs", "cpuLimitedMs", "bandwidthLimitedMs", "pausedVideos",
		"othersFrozen",
	}
	trackColumns = []string{
		"time", "participantId", "direction", "publicationId", "source", "packets", "lost", "lossPercent", "kbps", "jitterMs", "layer", "height",
		"framesPerSecond", "freezeMs", "pause", "retransmitted", "dropped", "keyframeRequests", "cpuLimitedMs", "bandwidthLimitedMs",
	}
)

// QualityFile is a table that is read from the database while it is written.
type QualityFile struct {
	Code  string // of the meeting
	Write func(ctx context.Context, to io.Writer) error
}

// QualityTable answers one row for each participant and second of a run, to whom Quality answers.
func (s *Service) QualityTable(ctx context.Context, p authz.Principal, meetingID, sessionID uuid.UUID) (*QualityFile, error) {
	r, err := s.review(ctx, p, meetingID, sessionID)
	if err != nil {
		return nil, err
	}
	return &QualityFile{r.meeting.Code, func(ctx context.Context, to io.Writer) error {
		w := newTable(to, qualityColumns)
		if r.run == nil {
			return w.end()
		}
		stays := map[string]meetingsdb.RunAttendanceRow{}
		for _, stay := range r.stays {
			stays[stay.ParticipantID] = stay
		}
		err := eachBlock(ctx, s, r, false, quality.DecodePeople, func(people []quality.PersonLog) error {
			for _, log := range people {
				if stay, ours := stays[log.ParticipantID]; ours {
					writePerson(w, stay, log)
				}
			}
			return w.Error()
		})
		if err != nil {
			return err
		}
		return w.end()
	}}, nil
}

// TrackTable answers one row for each second of each publication that a participant sent or received, to whom Quality
// answers.
func (s *Service) TrackTable(ctx context.Context, p authz.Principal, meetingID, sessionID uuid.UUID, participant string) (*QualityFile, error) {
	r, err := s.review(ctx, p, meetingID, sessionID)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(r.stays, func(x meetingsdb.RunAttendanceRow) bool { return x.ParticipantID == participant }) {
		return nil, fault.ParticipantNotFound
	}
	return &QualityFile{r.meeting.Code, func(ctx context.Context, to io.Writer) error {
		w := newTable(to, trackColumns)
		err := eachBlock(ctx, s, r, true, decodeTracks, func(t tracksPart) error {
			writeTracks(w, participant, t.sent, t.received)
			return w.Error()
		})
		if err != nil {
			return err
		}
		return w.end()
	}}, nil
}

type tracksPart struct {
	sent     []quality.TrackLog[quality.Sent]
	received []quality.TrackLog[quality.Received]
}

func decodeTracks(part []byte) (t tracksPart, err error) {
	t.sent, t.received, err = quality.DecodeTracks(part)
	return t, err
}

// table writes RFC 4180 with a byte order mark, as attendanceCSV does.
type table struct{ *csv.Writer }

func newTable(to io.Writer, columns []string) table {
	_, _ = io.WriteString(to, "\ufeff") // the next write fails, too
	w := csv.NewWriter(to)
	w.UseCRLF = true
	_ = w.Write(columns)
	return table{w}
}

func (t table) end() error {
	t.Flush()
	return t.Error()
}

func writePerson(w table, stay meetingsdb.RunAttendanceRow, log quality.PersonLog) {
	user := ""
	if stay.UserID != nil {
		user = stay.UserID.String()
	}
	for _, second := range log.Seconds {
		row := second.Row
		_ = w.Write([]string{
			second.At.UTC().Format(time.RFC3339), log.ParticipantID, user, plainCell(stay.Name), row.Verdict.Level.String(),
			row.Verdict.Reason.Side().String(), row.Verdict.Reason.String(), number(row.RoundTripMs), tenths(row.UplinkLoss),
			tenths(row.DownlinkLoss), number(row.UplinkKbps), number(row.DownlinkKbps), number(row.EstimateKbps), number(row.AvailableKbps),
			number(row.FreezeMs), number(row.CPULimitedMs), number(row.BandwidthLimitedMs), number(row.PausedVideos), number(row.OthersFrozen),
		})
	}
}

func writeTracks(w table, participant string, sent []quality.TrackLog[quality.Sent], received []quality.TrackLog[quality.Received]) {
	for _, log := range sent {
		if log.ParticipantID != participant {
			continue
		}
		for _, second := range log.Seconds {
			x := second.Row
			_ = w.Write([]string{
				second.At.UTC().Format(time.RFC3339), participant, "sent", log.PublicationID, log.Source, number(x.Packets), number(x.Lost), "",
				number(x.Kbps), number(x.JitterMs), number(x.Layers), number(x.Height), number(x.FramesPerSecond), "", "", "", "",
				number(x.KeyframeRequests), number(x.CPULimitedMs), number(x.BandwidthLimitedMs),
			})
		}
	}
	for _, log := range received {
		if log.ParticipantID != participant {
			continue
		}
		for _, second := range log.Seconds {
			x := second.Row
			_ = w.Write([]string{
				second.At.UTC().Format(time.RFC3339), participant, "received", log.PublicationID, log.Source, number(x.Packets), number(x.Lost),
				tenths(x.Loss), number(x.Kbps), number(x.JitterMs), number(x.Layer), "", "", number(x.FreezeMs), x.Pause.String(),
				number(x.Retransmitted), number(x.Dropped), "", "", "",
			})
		}
	}
}

func number(n int) string { return strconv.Itoa(n) }

// tenths writes thousandths as percent.
func tenths(thousandths int) string { return strconv.FormatFloat(float64(thousandths)/10, 'f', 1, 64) }
