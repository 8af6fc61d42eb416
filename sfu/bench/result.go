package main

import "time"

// A server is overloaded when more than this share of the packets is lost or the 95th percentile of the delay is beyond that
// many microseconds.
const (
	overloadLoss  = 0.01
	overloadDelay = 50_000
)

// result is what one scenario measured. Times of packets are in microseconds.
type result struct {
	Publishers     int       `json:"publishers"`
	Subscribers    int       `json:"subscribers"`
	Seconds        float64   `json:"seconds"`
	SettledSeconds float64   `json:"settledSeconds"`
	Expected       uint64    `json:"expectedPackets"`
	Packets        uint64    `json:"forwardedPackets"`
	PerSecond      float64   `json:"forwardedPerSecond"`
	Loss           float64   `json:"loss"`
	WorstLoss      float64   `json:"lossOfTheWorstSubscriber"`
	Duplicates     uint64    `json:"duplicates"`
	Rejected       uint64    `json:"notAuthentic"`
	Damaged        uint64    `json:"damaged"`
	DroppedByLoad  uint64    `json:"droppedByLoad"`
	CPU            float64   `json:"cpuMicrosPerPacket"`
	User           float64   `json:"userMicrosPerPacket"`
	System         float64   `json:"systemMicrosPerPacket"`
	ServerBusy     float64   `json:"serverCoreBusy"`
	Delay          quantiles `json:"delayMicros"`
	JoinSecured    quantiles `json:"joinSecuredMillis"`
	JoinVideo      quantiles `json:"joinFirstVideoMillis"`
	ResidentBefore int64     `json:"residentBytesBefore"`
	Resident       int64     `json:"residentBytes"`
	PerSubscriber  int64     `json:"residentBytesPerSubscriber"`
	Goroutines     uint64    `json:"goroutines"`
	Allocations    float64   `json:"allocationsPerPacket"`
	Collections    uint64    `json:"collections"`
	LoadBusy       []float64 `json:"loadThreadsBusy"`
	OthersOnCore   float64   `json:"othersOnServerCore"`
	Steal          float64   `json:"steal"`
	LoadAverage    float64   `json:"loadAverage"`
	FloorCPU       float64   `json:"floorMicrosPerPacket,omitempty"`
	FloorRatio     float64   `json:"ratioToFloor,omitempty"`
	Overloaded     bool      `json:"overloaded"`
	Warnings       []string  `json:"warnings,omitempty"`
}

// quantiles of something, in the unit its name says.
type quantiles struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

func quantilesOf(h *histogram, unit time.Duration) quantiles {
	in := func(d time.Duration) float64 { return float64(d) / float64(unit) }
	return quantiles{in(h.quantile(0.5)), in(h.quantile(0.95)), in(h.quantile(0.99)), in(h.most)}
}
