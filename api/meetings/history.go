package meetings

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"parley/api/meetings/meetingsdb"
	"parley/internal/quality"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
)

// maxPendingBytes bounds what waits for the database. When there is more, the oldest is given up: the meeting goes on
// without that minute.
const maxPendingBytes = 64 << 20

// History writes what was measured of the connections in meetings. Keep only notes; a block that is kept again before it
// was written is written once.
type History struct {
	service *Service           // static
	log     *slog.Logger       // static
	dropped prometheus.Counter // static
	cancel  context.CancelFunc // static
	wake    chan struct{}      // static; holds one signal
	done    chan struct{}      // static; closed by run

	mu      sync.Mutex
	pending []pendingBlock // guarded by mu; the oldest first
	bytes   int            // guarded by mu; of pending
	closed  bool           // guarded by mu
}

type pendingBlock struct {
	meeting uuid.UUID
	block   quality.Block
}

func (b pendingBlock) bytes() int { return len(b.block.People) + len(b.block.Tracks) }

// NewHistory starts writing. The registry may be nil.
func NewHistory(ctx context.Context, s *Service, registry prometheus.Registerer) (*History, error) {
	h := &History{
		service: s, log: s.log, wake: make(chan struct{}, 1), done: make(chan struct{}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_quality_dropped_blocks_total", Help: "Minutes of measurements that were not kept because the database did not take them in time.",
		}),
	}
	waiting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "parley_quality_waiting_blocks", Help: "Minutes of measurements that wait to be written.",
	}, func() float64 { return float64(h.waiting()) })
	if registry != nil {
		for _, c := range []prometheus.Collector{h.dropped, waiting} {
			if err := registry.Register(c); err != nil {
				return nil, err
			}
		}
	}
	runCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	h.cancel = cancel
	go h.run(runCtx)
	return h, nil
}

// Close writes what waits, for some seconds at most, and ends the history.
func (h *History) Close() {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		time.AfterFunc(closingTime, h.cancel)
		h.signal()
	}
	h.mu.Unlock()
	<-h.done
	h.cancel()
}

// Keep notes a block of a meeting in place of what was kept of it before.
func (h *History) Keep(meetingID string, block quality.Block) {
	id, err := uuid.Parse(meetingID)
	if err != nil {
		h.log.Error("measurements of an unknown meeting", "meeting", meetingID)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.putLocked(pendingBlock{id, block})
	h.signal()
}

// putLocked adds a block, in place of the one with its id.
func (h *History) putLocked(b pendingBlock) {
	if at := h.indexLocked(b); at >= 0 {
		h.bytes -= h.pending[at].bytes()
		h.pending[at] = b
	} else {
		h.pending = append(h.pending, b)
	}
	h.bytes += b.bytes()
	h.boundLocked()
}

// putBackLocked returns what was taken to its place, unless newer numbers of the same block have come meanwhile.
func (h *History) putBackLocked(b pendingBlock) {
	if h.indexLocked(b) >= 0 {
		return
	}
	h.pending = slices.Insert(h.pending, 0, b)
	h.bytes += b.bytes()
	h.boundLocked()
}

func (h *History) indexLocked(b pendingBlock) int {
	return slices.IndexFunc(h.pending, func(x pendingBlock) bool { return x.block.ID == b.block.ID })
}

func (h *History) boundLocked() {
	for h.bytes > maxPendingBytes && len(h.pending) > 1 {
		h.takeLocked()
		h.dropped.Inc()
	}
}

// takeLocked takes the oldest out.
func (h *History) takeLocked() pendingBlock {
	b := h.pending[0]
	h.pending = h.pending[1:]
	h.bytes -= b.bytes()
	return b
}

func (h *History) signal() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *History) waiting() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.pending)
}

func (h *History) run(ctx context.Context) {
	defer close(h.done)
	pause := firstRetry
	for {
		b, ok, closed := h.next()
		switch {
		case ok && h.write(ctx, b):
			pause = firstRetry
		case ok:
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
			pause = min(2*pause, longestRetry)
		case closed:
			return
		default:
			select {
			case <-h.wake:
			case <-ctx.Done():
				return
			}
		}
		if ctx.Err() != nil {
			return
		}
	}
}

func (h *History) next() (b pendingBlock, ok, closed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.pending) == 0 {
		return pendingBlock{}, false, h.closed
	}
	return h.takeLocked(), true, h.closed
}

// write writes a block and returns false for one that waits for the next time. What the database would refuse again is
// given up.
func (h *History) write(ctx context.Context, b pendingBlock) bool {
	err := h.service.keepQuality(ctx, b.meeting, b.block)
	if err == nil {
		return true
	}
	h.log.Error("measurements not written", "meeting", b.meeting, "error", err)
	if refused(err) {
		h.dropped.Inc()
		return true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.putBackLocked(b)
	return false
}

func (s *Service) keepQuality(ctx context.Context, meeting uuid.UUID, b quality.Block) error {
	return s.db.KeepQuality(ctx, meetingsdb.KeepQualityParams{
		ID: b.ID, MeetingID: meeting, StartedAt: b.StartedAt, EndedAt: b.EndedAt, Troubled: b.Troubled, People: b.People, Tracks: b.Tracks,
	})
}
