package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"sync"
	"time"
)

// fault is one disturbance: requests whose method and path match are delayed, refused or cut off.
type fault struct {
	Method  string `json:"method,omitempty"`  // empty = any
	Path    string `json:"path,omitempty"`    // regular expression, empty = any
	Status  int    `json:"status,omitempty"`  // answer with this status; 0 = let it through after the delay
	DelayMs int    `json:"delayMs,omitempty"` // wait first
	Drop    bool   `json:"drop,omitempty"`    // close the connection without an answer
	Times   int    `json:"times,omitempty"`   // how often; 0 = until cleared

	pattern *regexp.Regexp
	endless bool
}

type faults struct {
	next http.Handler

	mu     sync.Mutex
	active []*fault
}

func newFaults(next http.Handler) http.Handler {
	f := &faults{next: next}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /_rig/faults", f.add)
	mux.HandleFunc("DELETE /_rig/faults", f.clear)
	mux.HandleFunc("/", f.serve)
	return mux
}

func (f *faults) add(w http.ResponseWriter, r *http.Request) {
	wanted := &fault{}
	if err := json.NewDecoder(r.Body).Decode(wanted); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	pattern, err := regexp.Compile(wanted.Path)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	wanted.pattern = pattern
	wanted.endless = wanted.Times == 0
	f.mu.Lock()
	f.active = append(f.active, wanted)
	f.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (f *faults) clear(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	f.active = nil
	f.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// take answers a copy of the first fault that matches and counts it down.
func (f *faults) take(r *http.Request) (fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, candidate := range f.active {
		if candidate.Method != "" && candidate.Method != r.Method {
			continue
		}
		if !candidate.pattern.MatchString(r.URL.Path) || (!candidate.endless && candidate.Times == 0) {
			continue
		}
		if !candidate.endless {
			candidate.Times--
		}
		return *candidate, true
	}
	return fault{}, false
}

func (f *faults) serve(w http.ResponseWriter, r *http.Request) {
	hit, found := f.take(r)
	if !found {
		f.next.ServeHTTP(w, r)
		return
	}
	time.Sleep(time.Duration(hit.DelayMs) * time.Millisecond)
	switch {
	case hit.Drop:
		panic(http.ErrAbortHandler) // net/http closes the connection and logs nothing
	case hit.Status != 0:
		writeError(w, hit.Status, "UNAVAILABLE", "fault asked for by the test")
	default:
		f.next.ServeHTTP(w, r)
	}
}
