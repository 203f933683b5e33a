package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

type newConnection struct {
	Name        *string `json:"name"`
	Description *string `json:"description"`
	VpcID       *string `json:"vpc_id"`
	SubnetID    *string `json:"subnet_id"`
}

type flavor struct {
	Name            string `json:"name"`
	ConcurrencyType string `json:"concurrency_type"`
	Concurrency     int    `json:"concurrency"`
	BandwidthType   string `json:"bandwidth_type"`
}

type connection struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Status      string    `json:"status"`
	VpcID       string    `json:"vpc_id"`
	SubnetID    string    `json:"subnet_id"`
	Agency      string    `json:"agency"`
	Flavor      flavor    `json:"flavor"`
	CreatedTime time.Time `json:"created_time"`
	UpdatedTime time.Time `json:"updated_time"`
}

type refusal struct {
	status  int
	Code    string `json:"error_code"`
	Message string `json:"error_msg"`
}

func (r *refusal) Error() string { return r.Message }

var (
	badRequest  = &refusal{http.StatusBadRequest, "EG.00014000", "Bad request"}
	duplicate   = &refusal{http.StatusBadRequest, "EG.00513001", "Duplicate name"}
	badToken    = &refusal{http.StatusUnauthorized, "EG.00014010", "Incorrect token or token resolution failed"}
	noRight     = &refusal{http.StatusForbidden, "EG.00014030", "No permissions to request this method"}
	notFound    = &refusal{http.StatusNotFound, "EG.00014040", "Not request resource found"}
	defaultFlav = flavor{"default", "exclusive", 500, "exclusive"}

	validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

func invalid(field string) error {
	return &refusal{http.StatusBadRequest, "EG.00513000", "Invalid parameter: " + field}
}

func (n newConnection) validate() error {
	switch {
	case n.Name == nil || len(*n.Name) > 128 || !validName.MatchString(*n.Name) || strings.EqualFold(*n.Name, "default"):
		return invalid("name")
	case n.Description != nil && utf8.RuneCountInString(*n.Description) > 255:
		return invalid("description")
	case n.VpcID == nil || utf8.RuneCountInString(*n.VpcID) > 128:
		return invalid("vpc_id")
	case n.SubnetID == nil || utf8.RuneCountInString(*n.SubnetID) > 128:
		return invalid("subnet_id")
	}
	return nil
}

func uuid() string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

type server struct {
	mu       sync.Mutex
	projects map[string]map[string]connection
}

func (s *server) create(project string, r *http.Request) (any, error) {
	var n newConnection
	if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
		return nil, badRequest
	}
	if err := n.validate(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.projects[project] {
		if c.Name == *n.Name {
			return nil, duplicate
		}
	}
	now := time.Now().UTC()
	c := connection{
		ID: uuid(), Name: *n.Name, Status: "CREATING", VpcID: *n.VpcID, SubnetID: *n.SubnetID,
		Agency: "EG_TRUST", Flavor: defaultFlav, CreatedTime: now, UpdatedTime: now,
	}
	if n.Description != nil {
		c.Description = *n.Description
	}
	if s.projects[project] == nil {
		s.projects[project] = map[string]connection{}
	}
	s.projects[project][c.ID] = c
	return c, nil
}

func (s *server) list(project string, r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	query := r.URL.Query()
	items := []connection{}
	for _, c := range s.projects[project] {
		if !query.Has("name") || c.Name == query.Get("name") {
			items = append(items, c)
		}
	}
	return map[string]any{"total": len(items), "size": len(items), "items": items}, nil
}

func (s *server) one(project, id string, remove bool) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.projects[project][id]
	if !ok {
		return nil, notFound
	}
	if remove {
		delete(s.projects[project], id)
		return nil, nil
	}
	return c, nil
}

func authenticate(r *http.Request) error {
	switch r.Header.Get("X-Auth-Token") {
	case os.Getenv("TOKEN"):
		return nil
	case os.Getenv("LIMITED_TOKEN"):
		return noRight
	}
	return badToken
}

// Routes /v1/{project_id}/connections[/{connection_id}].
func (s *server) route(r *http.Request) (any, error) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	if len(parts) < 2 || len(parts) > 3 || parts[0] == "" || parts[1] != "connections" {
		return nil, notFound
	}
	if err := authenticate(r); err != nil {
		return nil, err
	}
	switch {
	case len(parts) == 2 && r.Method == http.MethodPost:
		return s.create(parts[0], r)
	case len(parts) == 2 && r.Method == http.MethodGet:
		return s.list(parts[0], r)
	case len(parts) == 3 && (r.Method == http.MethodGet || r.Method == http.MethodDelete):
		return s.one(parts[0], parts[2], r.Method == http.MethodDelete)
	}
	return nil, notFound
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _ := os.Hostname()
	w.Header().Set("X-Request-Id", fmt.Sprintf("%s-%d-%s", uuid(), time.Now().Unix(), host))
	answer, err := s.route(r)
	if err == nil && answer == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		r := err.(*refusal)
		w.WriteHeader(r.status)
		answer = r
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		log.Print(err)
	}
}

func main() {
	mux := http.NewServeMux()
	mux.Handle("/v1/", &server{projects: map[string]map[string]connection{}})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
