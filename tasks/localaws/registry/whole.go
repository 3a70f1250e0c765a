package registry

// getWhole is getManifest of an image whose layers are all there.
func getWhole(q request) error {
	id, err := q.id()
	if err == nil {
		err = q.CheckWhole(q.name, id)
	}
	if err != nil {
		return q.nameInvalid(err)
	}
	return getManifest(q)
}
