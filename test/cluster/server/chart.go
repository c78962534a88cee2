package main

import (
	"fmt"
	"path"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

// renderChart prints the manifests of a Helm chart with its default values. Library charts that it names by a relative
// path are given as further directories.
func renderChart(dirs []string) error {
	if len(dirs) == 0 {
		return fmt.Errorf("chart needs the directory of a chart")
	}
	chart, err := loader.LoadDir(dirs[0])
	if err != nil {
		return err
	}
	for _, dir := range dirs[1:] {
		library, err := loader.LoadDir(dir)
		if err != nil {
			return err
		}
		chart.AddDependency(library)
	}
	release := chartutil.ReleaseOptions{Name: chart.Name(), Namespace: "linkerd", Revision: 1, IsInstall: true}
	values, err := chartutil.ToRenderValues(chart, nil, release, chartutil.DefaultCapabilities)
	if err != nil {
		return err
	}
	rendered, err := engine.Render(chart, values)
	if err != nil {
		return err
	}
	files := make([]string, 0, len(rendered))
	for file, text := range rendered {
		if path.Ext(file) == ".yaml" && strings.TrimSpace(text) != "" {
			files = append(files, file)
		}
	}
	sort.Strings(files)
	for _, file := range files {
		fmt.Printf("---\n%s\n", strings.TrimPrefix(strings.TrimSpace(rendered[file]), "---\n"))
	}
	return nil
}
