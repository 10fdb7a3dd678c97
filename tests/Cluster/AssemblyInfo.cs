// Each test starts a dozen processes: one after the other they have the machine for themselves.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
