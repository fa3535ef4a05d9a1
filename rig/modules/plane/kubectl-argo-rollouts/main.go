// kubectl-argo-rollouts is the Argo Rollouts plugin without its dashboard: the dashboard embeds web files that
// the published Go module leaves out, so the plugin's own main package cannot be built from the module.
package main

import (
	"os"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/argoproj/argo-rollouts/pkg/kubectl-argo-rollouts/cmd/abort"
	"github.com/argoproj/argo-rollouts/pkg/kubectl-argo-rollouts/cmd/get"
	"github.com/argoproj/argo-rollouts/pkg/kubectl-argo-rollouts/cmd/list"
	"github.com/argoproj/argo-rollouts/pkg/kubectl-argo-rollouts/cmd/pause"
	"github.com/argoproj/argo-rollouts/pkg/kubectl-argo-rollouts/cmd/promote"
	"github.com/argoproj/argo-rollouts/pkg/kubectl-argo-rollouts/cmd/restart"
	"github.com/argoproj/argo-rollouts/pkg/kubectl-argo-rollouts/cmd/retry"
	"github.com/argoproj/argo-rollouts/pkg/kubectl-argo-rollouts/cmd/set"
	"github.com/argoproj/argo-rollouts/pkg/kubectl-argo-rollouts/cmd/status"
	"github.com/argoproj/argo-rollouts/pkg/kubectl-argo-rollouts/cmd/undo"
	"github.com/argoproj/argo-rollouts/pkg/kubectl-argo-rollouts/options"
)

func main() {
	streams := genericclioptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	o := options.NewArgoRolloutsOptions(streams)
	root := &cobra.Command{
		Use:               "kubectl-argo-rollouts COMMAND",
		Short:             "Manage Argo Rollouts",
		SilenceUsage:      true,
		PersistentPreRunE: o.PersistentPreRunE,
		RunE:              func(c *cobra.Command, _ []string) error { return o.UsageErr(c) },
	}
	o.AddKubectlFlags(root)
	root.AddCommand(
		abort.NewCmdAbort(o),
		get.NewCmdGet(o),
		list.NewCmdList(o),
		pause.NewCmdPause(o),
		promote.NewCmdPromote(o),
		restart.NewCmdRestart(o),
		retry.NewCmdRetry(o),
		set.NewCmdSet(o),
		status.NewCmdStatus(o),
		undo.NewCmdUndo(o),
	)
	if err := root.Execute(); err != nil {
		os.Exit(1)
	}
}
