package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
)

// A tag as the distribution specification writes it; a digest has a colon and never matches.
var manifestByTag = regexp.MustCompile(`^/v2/(.+)/manifests/([A-Za-z0-9_][A-Za-z0-9._-]{0,127})$`)

// refuseMovedTags answers 400 TAG_INVALID when a push would point an immutable tag at another manifest. Pushing the
// same manifest again is allowed, as real registries do.
func refuseMovedTags(next http.Handler, immutable *regexp.Regexp) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		match := manifestByTag.FindStringSubmatch(r.URL.Path)
		if r.Method != http.MethodPut || match == nil || !immutable.MatchString(match[1]+":"+match[2]) {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		sum := sha256.Sum256(body)
		current := currentDigest(next, r.URL.Path)
		if current == "" || current == "sha256:"+hex.EncodeToString(sum[:]) {
			next.ServeHTTP(w, r)
			return
		}
		writeError(w, http.StatusBadRequest, "TAG_INVALID", "tag "+match[2]+" is immutable and points to "+current)
	})
}

// currentDigest asks the registry itself what a manifest path points to; empty when nothing does.
func currentDigest(registry http.Handler, path string) string {
	recorder := httptest.NewRecorder()
	registry.ServeHTTP(recorder, httptest.NewRequest(http.MethodHead, path, nil))
	if recorder.Code != http.StatusOK {
		return ""
	}
	return recorder.Header().Get("Docker-Content-Digest")
}

func writeError(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]string{{"code": code, "message": message}}})
}
