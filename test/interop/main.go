// Command interop judges a log of daocha, in a directory or as a running platform serves it, with Go's own packages for
// signed notes and transparency logs (golang.org/x/mod/sumdb) and nothing of ours. It ends with 0 and one line of JSON when
// everything holds, else with 1 and the first thing that does not.
//
//	interop DIR
//	interop DIR URL
//
// DIR holds vkey, checkpoint, tile/…, and, each optional: older/checkpoint.N (earlier checkpoints), consistency/N (a
// proof from size N, one base64 hash a line), proofs/N.tlog-proof. With a URL only older/ is read from DIR, and everything
// else is asked of the platform there, with the token in DAOCHA_TOKEN.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	// records proved with Go's own proofs, spread over the log
	samples = 200
)

type result struct {
	Origin      string `json:"origin"`
	Size        int64  `json:"size"`
	Records     int64  `json:"records"`
	Proved      int    `json:"proved"`
	Proofs      int    `json:"proofs"`
	Older       int    `json:"older"`
	Consistency int    `json:"consistency"`
	Rejected    int    `json:"rejected"`
}

func main() {
	if len(os.Args) != 2 && len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: interop DIR [URL]")
		os.Exit(2)
	}
	from := source{dir: os.Args[1]}
	if len(os.Args) == 3 {
		from.url = os.Args[2]
	}
	found, err := judge(from)
	if err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		os.Exit(1)
	}
}

func judge(from source) (*result, error) {
	vkey, err := from.read("vkey")
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	if err != nil {
		return nil, fmt.Errorf("vkey: %w", err)
	}
	signed, err := from.read("checkpoint")
	if err != nil {
		return nil, err
	}
	tree, origin, err := openCheckpoint(signed, verifier)
	if err != nil {
		return nil, err
	}
	if origin != verifier.Name() {
		return nil, fmt.Errorf("checkpoint of %q, key of %q", origin, verifier.Name())
	}
	j := &judgement{from: from, verifier: verifier, tree: tree, result: &result{Origin: origin, Size: tree.N}}
	j.reader = tlog.TileHashReader(tree, tiles{from: from})
	for _, step := range []func() error{j.rootFromTiles, j.records, j.proved, j.proofs, j.older, j.alteredTile} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if err := j.alteredCheckpoint(signed); err != nil {
		return nil, err
	}
	return j.result, nil
}

type judgement struct {
	from     source
	verifier note.Verifier
	tree     tlog.Tree
	reader   tlog.HashReader
	leaves   []tlog.Hash
	*result
}

func openCheckpoint(signed []byte, verifier note.Verifier) (tlog.Tree, string, error) {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, "", fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tlog.Tree{}, "", fmt.Errorf("checkpoint has %d lines", len(lines)-1)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, "", fmt.Errorf("checkpoint size %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, "", fmt.Errorf("checkpoint root: %w", err)
	}
	return tlog.Tree{N: size, Hash: root}, lines[0], nil
}

// rootFromTiles recomputes the root from the tiles, which TileHashReader authenticates on the way.
func (j *judgement) rootFromTiles() error {
	root, err := tlog.TreeHash(j.tree.N, j.reader)
	if err != nil {
		return fmt.Errorf("root from tiles: %w", err)
	}
	if root != j.tree.Hash {
		return errors.New("the tiles have another root than the checkpoint")
	}
	return nil
}

// records recomputes the tree from the entries alone: each leaf is that of its tile, and the root that of the checkpoint.
func (j *judgement) records() error {
	var stored []tlog.Hash
	memory := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for start := int64(0); start < j.tree.N; start += tileWidth {
		width := min(j.tree.N-start, tileWidth)
		entries, err := j.bundle(start/tileWidth, int(width))
		if err != nil {
			return err
		}
		indexes := make([]int64, width)
		for i, entry := range entries {
			record := start + int64(i)
			leaf := tlog.RecordHash(entry)
			hashes, err := tlog.StoredHashesForRecordHash(record, leaf, memory)
			if err != nil {
				return err
			}
			stored = append(stored, hashes...)
			j.leaves = append(j.leaves, leaf)
			indexes[i] = tlog.StoredHashIndex(0, record)
			j.Records++
		}
		inTile, err := j.reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i, leaf := range inTile {
			if leaf != j.leaves[start+int64(i)] {
				return fmt.Errorf("record %d has another hash than its tile", start+int64(i))
			}
		}
	}
	root, err := tlog.TreeHash(j.tree.N, memory)
	if err != nil {
		return err
	}
	if root != j.tree.Hash {
		return errors.New("the entries have another root than the checkpoint")
	}
	return nil
}

func (j *judgement) bundle(n int64, width int) ([][]byte, error) {
	path := tilePath("entries", n, width)
	data, err := j.from.read(path)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s ends within an entry", path)
		}
		length := int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:2+length])
		data = data[2+length:]
	}
	if len(entries) != width {
		return nil, fmt.Errorf("%s has %d entries", path, len(entries))
	}
	return entries, nil
}

// proved proves records by Go's own proofs from our tiles, and sees to it that an altered leaf is not proved.
func (j *judgement) proved() error {
	step := max(1, j.tree.N/samples)
	for record := int64(0); record < j.tree.N; record += step {
		proof, err := tlog.ProveRecord(j.tree.N, record, j.reader)
		if err != nil {
			return fmt.Errorf("record %d: %w", record, err)
		}
		if err := tlog.CheckRecord(proof, j.tree.N, j.tree.Hash, record, j.leaves[record]); err != nil {
			return fmt.Errorf("record %d: %w", record, err)
		}
		altered := j.leaves[record]
		altered[record%tlog.HashSize] ^= 1
		if tlog.CheckRecord(proof, j.tree.N, j.tree.Hash, record, altered) == nil {
			return fmt.Errorf("record %d: an altered leaf was accepted", record)
		}
		j.Proved++
		j.Rejected++
	}
	return nil
}

// proofs checks the proofs that were made by us, each for its entry's bytes.
func (j *judgement) proofs() error {
	files, err := j.from.proofs(j.tree.N)
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := j.from.read(file)
		if err != nil {
			return err
		}
		head, checkpoint, ok := bytes.Cut(text, []byte("\n\n"))
		lines := strings.Split(string(head), "\n")
		if !ok || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
			return fmt.Errorf("%s is no proof", file)
		}
		record, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		hashes, err := parseHashes(lines[2:])
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		tree, _, err := openCheckpoint(checkpoint, j.verifier)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := tlog.CheckRecord(hashes, tree.N, tree.Hash, record, j.leaves[record]); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		j.Proofs++
	}
	return nil
}

// older checks that the log continues its earlier checkpoints, by Go's proofs and by ours.
func (j *judgement) older() error {
	files, err := j.from.list("older", "checkpoint.*")
	if err != nil {
		return err
	}
	for _, file := range files {
		signed, err := j.from.read(file)
		if err != nil {
			return err
		}
		old, _, err := openCheckpoint(signed, j.verifier)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		proof, err := tlog.ProveTree(j.tree.N, old.N, j.reader)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := tlog.CheckTree(proof, j.tree.N, j.tree.Hash, old.N, old.Hash); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		j.Older++
		forked := old.Hash
		forked[0] ^= 1
		if tlog.CheckTree(proof, j.tree.N, j.tree.Hash, old.N, forked) == nil {
			return fmt.Errorf("%s: a fork was accepted", file)
		}
		j.Rejected++
		text, err := j.from.consistency(old.N, j.tree.N)
		if errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			return err
		}
		ours, err := parseHashes(strings.Fields(string(text)))
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(ours, j.tree.N, j.tree.Hash, old.N, old.Hash); err != nil {
			return fmt.Errorf("consistency/%d: %w", old.N, err)
		}
		j.Consistency++
	}
	return nil
}

// alteredTile sees to it that a flipped bit in any tile on the way to the first leaf is noticed.
func (j *judgement) alteredTile() error {
	for level := 0; j.tree.N>>(tileHeight*level) > 0; level++ {
		reader := tlog.TileHashReader(j.tree, tiles{from: j.from, alter: true, level: level})
		if _, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, 0)}); err == nil {
			return fmt.Errorf("an altered tile of level %d was accepted", level)
		}
		j.Rejected++
	}
	return nil
}

func (j *judgement) alteredCheckpoint(signed []byte) error {
	altered := bytes.Replace(signed, []byte(fmt.Sprintf("\n%d\n", j.tree.N)), []byte(fmt.Sprintf("\n%d\n", j.tree.N+1)), 1)
	if _, _, err := openCheckpoint(altered, j.verifier); err == nil {
		return errors.New("an altered checkpoint was accepted")
	}
	j.Rejected++
	return nil
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(lines))
	for i, line := range lines {
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return nil, fmt.Errorf("%q is no hash", line)
		}
		hashes[i] = tlog.Hash(raw)
	}
	return hashes, nil
}

// source is a directory, or a platform that serves its log.
type source struct {
	dir string
	url string
}

// read reads a file by its path in the directory.
func (s source) read(path string) ([]byte, error) {
	if s.url == "" || strings.HasPrefix(path, "older/") {
		return os.ReadFile(filepath.Join(s.dir, path))
	}
	if record, ok := strings.CutPrefix(path, "proofs/"); ok {
		return s.get("/v1/events/"+strings.TrimSuffix(record, ".tlog-proof")+"/proof", "text/plain; charset=utf-8")
	}
	kind := "application/octet-stream"
	if !strings.HasPrefix(path, "tile/") {
		kind = "text/plain; charset=utf-8"
	}
	return s.get("/log/"+path, kind)
}

// get asks the platform; the answer must be of this content type.
func (s source) get(path, kind string) ([]byte, error) {
	request, err := http.NewRequest(http.MethodGet, s.url+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("DAOCHA_TOKEN"))
	request.Header.Set("X-Access-Ground", "interoperability") // whoever reads events says why
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != kind {
		return nil, fmt.Errorf("%s answered %s, %s: %s", path, response.Status, response.Header.Get("Content-Type"), body)
	}
	return body, nil
}

// list names the files of a folder, by their paths in the directory.
func (s source) list(folder, pattern string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(s.dir, folder, pattern))
	for i, file := range files {
		files[i] = folder + "/" + filepath.Base(file)
	}
	return files, err
}

// proofs names the proofs of ours that there are: those in the directory, or of a platform some, spread over the log.
func (s source) proofs(size int64) ([]string, error) {
	if s.url == "" {
		return s.list("proofs", "*.tlog-proof")
	}
	var files []string
	for record := int64(0); record < size; record += max(1, size/10) {
		files = append(files, fmt.Sprintf("proofs/%d.tlog-proof", record))
	}
	return files, nil
}

// consistency is our proof from an older size, one base64 hash a line.
func (s source) consistency(older, size int64) ([]byte, error) {
	if s.url == "" {
		return s.read("consistency/" + strconv.FormatInt(older, 10))
	}
	text, err := s.get(fmt.Sprintf("/v1/log/consistency?from=%d&to=%d", older, size), "application/json")
	if err != nil {
		return nil, err
	}
	var proof struct{ Hashes []string }
	err = json.Unmarshal(text, &proof)
	return []byte(strings.Join(proof.Hashes, "\n")), err
}

// tiles reads tiles under the names of C2SP tlog-tiles, which leave out the height that Go's names have.
type tiles struct {
	from  source
	alter bool
	level int
}

func (t tiles) Height() int { return tileHeight }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	contents := make([][]byte, len(wanted))
	for i, tile := range wanted {
		data, err := t.from.read(tilePath(strconv.Itoa(tile.L), tile.N, tile.W))
		if err != nil {
			return nil, err
		}
		if t.alter && tile.L == t.level && tile.N == 0 {
			data[0] ^= 1
		}
		contents[i] = data
	}
	return contents, nil
}

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// tilePath asks Go for the path of the tile, tile/8/<level>/…, and puts the level where the specification has it.
func tilePath(level string, n int64, width int) string {
	path := tlog.Tile{H: tileHeight, L: 0, N: n, W: width}.Path()
	return "tile/" + level + strings.TrimPrefix(path, "tile/8/0")
}
