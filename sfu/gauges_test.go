package sfu

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

func TestGaugesTellWhatIsPausedAndBelieved(t *testing.T) {
	n := newNetwork(t)
	registry := prometheus.NewRegistry()
	must(t, n.sfu.registerGauges(registry))
	gather := func(name string) []*dto.Metric {
		families, err := registry.Gather()
		must(t, err)
		for _, f := range families {
			if f.GetName() == "parley_sfu_"+name {
				return f.GetMetric()
			}
		}
		t.Fatalf("no %s", name)
		return nil
	}
	labelled := func(name, label string) float64 {
		for _, m := range gather(name) {
			if m.GetLabel()[0].GetValue() == label {
				return m.GetGauge().GetValue()
			}
		}
		t.Fatalf("no %s of %s", name, label)
		return 0
	}
	if h := gather("estimate_bits_per_second")[0].GetHistogram(); h.GetSampleCount() != 0 {
		t.Errorf("%d estimates without a peer", h.GetSampleCount())
	}
	a, b := pair(n)
	show(b, a, 320, 180)
	eventually(t, 6*time.Second, "a picture that flows", func() bool { return b.receiver(cam(a)).count() > 0 && labelled("paused_videos", "hidden") < 2 })
	before := labelled("paused_videos", "hidden")
	b.peer.SetView([]ViewTile{})
	eventually(t, 6*time.Second, "one more that is hidden", func() bool { return labelled("paused_videos", "hidden") == before+1 })
	h := gather("estimate_bits_per_second")[0].GetHistogram()
	buckets := h.GetBucket()
	if h.GetSampleCount() != 2 || h.GetSampleSum() <= 0 || buckets[len(buckets)-1].GetCumulativeCount() != 2 || buckets[0].GetCumulativeCount() != 0 {
		t.Errorf("estimates %v", h)
	}
	for _, queue := range []string{"lane", "mailbox"} {
		if v := labelled("queued", queue); v < 0 || v > maxLaneQueue {
			t.Errorf("%v in the %s", v, queue)
		}
	}
}

func TestGaugesAreRegisteredOnce(t *testing.T) {
	n := newNetwork(t)
	registry := prometheus.NewRegistry()
	must(t, n.sfu.registerGauges(registry))
	if err := n.sfu.registerGauges(registry); err == nil {
		t.Error("registered twice")
	}
	must(t, n.sfu.registerGauges(nil))
}
