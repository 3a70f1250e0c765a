package catalog

// SetScanOnPush replaces a repository's scanning configuration.
func (r *Registry) SetScanOnPush(repository string, on bool) error {
	return r.update(repository, func(rp *repo) error {
		rp.info.ScanOnPush = on
		return nil
	})
}
