#!/usr/bin/env escript
%% Measures one case with Erlang/OTP, and prints the figures to standard output.
%%
%%     otp.escript SCENARIO MODE CHILDREN full|short
%%
%% Children are bare processes below a `supervisor`, without `gen_server`. Children report through
%% `counters`. Restarts are practically unlimited, but the supervisor still keeps a list of the restarts
%% of the last second.
-mode(compile).
-export([init/1, start_idle/1, start_failing/0, start_panicking/0, start_gated/0]).

-define(STARTED, 1).
-define(RESTARTS, 2).

main([Scenario, Mode, Children, Effort]) ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    persistent_term:put(counters, counters:new(2, [])),
    persistent_term:put(driver, self()),
    Figures = measure(list_to_atom(Scenario), Mode, list_to_integer(Children), Effort),
    [io:format("value ~w~n", [float(Figure)]) || Figure <- Figures],
    halt(0, [{flush, true}]).

measure(restarts, _, Children, Effort) ->
    raise(one_for_one, idle(Children, brutal_kill) ++ [child(failing, start_failing, [], brutal_kill)]),
    rate(Effort);
measure(panics, _, Children, Effort) ->
    raise(one_for_one, idle(Children, brutal_kill) ++ [child(failing, start_panicking, [], brutal_kill)]),
    rate(Effort);
measure(storm, _, _, Effort) ->
    raise(one_for_one, [child(Number, start_failing, [], brutal_kill) || Number <- lists:seq(1, 64)]),
    rate(Effort);
measure(start, _, Children, _) ->
    Specs = idle(Children, brutal_kill),
    Begin = now_ns(),
    raise(one_for_one, Specs),
    await_started(Children),
    [milliseconds(now_ns() - Begin)];
measure(stop, Mode, Children, _) ->
    Shutdown = case Mode of "cooperative" -> 5000; "brutal_kill" -> brutal_kill end,
    Supervisor = raise(one_for_one, idle(Children, Shutdown)),
    await_started(Children),
    timer:sleep(60),
    Begin = now_ns(),
    exit(Supervisor, shutdown),
    receive {'EXIT', Supervisor, shutdown} -> ok end,
    End = now_ns(),
    Left = [Pid || Pid <- processes(), proc_lib:initial_call(Pid) =:= {?MODULE, start_idle, 1}],
    [] = Left,
    [milliseconds(End - Begin)];
measure(memory, Mode, Children, _) ->
    Shutdown = case Mode of "listening" -> 5000; "deaf" -> brutal_kill end,
    Before = resident(),
    raise(one_for_one, idle(Children, Shutdown)),
    await_started(Children),
    timer:sleep(60),
    [(resident() - Before) / Children];
measure(one_for_all, _, Children, _) ->
    raise(one_for_all, idle(Children, brutal_kill) ++ [child(gated, start_gated, [], brutal_kill)]),
    receive {born, Pid, _} -> ok end,
    await_started(Children),
    timer:sleep(60),
    Pid ! die,
    Death = receive {dies, At} -> At end,
    Born = receive {born, _, Moment} -> Moment end,
    await_started(2 * Children),
    [milliseconds(max(Born, now_ns()) - Death)];
measure(churn, _, Children, Effort) ->
    Times = case Effort of "short" -> 2000; "full" -> 10000 end,
    Supervisor = raise(one_for_one, idle(Children, brutal_kill)),
    await_started(Children),
    churn(Supervisor, Times div 10),
    Begin = now_ns(),
    churn(Supervisor, Times),
    [Times * 1.0e9 / (now_ns() - Begin)];
measure(latency, _, Children, Effort) ->
    Times = case Effort of "short" -> 200; "full" -> 500 end,
    raise(one_for_one, idle(Children, brutal_kill) ++ [child(gated, start_gated, [], brutal_kill)]),
    First = receive {born, Pid, _} -> Pid end,
    Second = latencies(First, Times div 10, []),
    {_, All} = latencies(element(1, Second), Times, []),
    Sorted = lists:sort(All),
    At = fun(Part) -> lists:nth(max(1, ceil(Times * Part)), Sorted) / 1000 end,
    [At(0.5), At(0.99), At(1)].

latencies(Pid, 0, Found) ->
    {Pid, Found};
latencies(Pid, Times, Found) ->
    Pid ! die,
    Death = receive {dies, At} -> At end,
    {Next, Born} = receive {born, New, Moment} -> {New, Moment} end,
    timer:sleep(1),
    latencies(Next, Times - 1, [Born - Death | Found]).

churn(_, 0) ->
    ok;
churn(Supervisor, Times) ->
    Before = count(?STARTED),
    {ok, Pid} = supervisor:start_child(Supervisor, child(guest, start_idle, [brutal_kill], brutal_kill)),
    await_started(Before + 1),
    ok = supervisor:terminate_child(Supervisor, guest),
    false = is_process_alive(Pid),
    ok = supervisor:delete_child(Supervisor, guest),
    churn(Supervisor, Times - 1).

%% The supervisor and its children.

raise(Strategy, Specs) ->
    {ok, Supervisor} = supervisor:start_link(?MODULE, {Strategy, Specs}),
    Supervisor.

init({Strategy, Specs}) ->
    {ok, {#{strategy => Strategy, intensity => 1000000000, period => 1}, Specs}}.

idle(Children, Shutdown) ->
    [child(Number, start_idle, [Shutdown], Shutdown) || Number <- lists:seq(1, Children)].

child(Id, Start, Arguments, Shutdown) ->
    #{id => Id, start => {?MODULE, Start, Arguments}, restart => permanent, shutdown => Shutdown}.

start_idle(Shutdown) ->
    {ok, spawn_link(fun() ->
        Shutdown =:= brutal_kill orelse process_flag(trap_exit, true),
        hit(?STARTED),
        receive {'EXIT', _, Reason} -> exit(Reason) end
    end)}.

start_failing() ->
    {ok, spawn_link(fun() -> hit(?RESTARTS), exit(failed) end)}.

start_panicking() ->
    {ok, spawn_link(fun() -> hit(?RESTARTS), error(on_purpose) end)}.

start_gated() ->
    {ok, spawn_link(fun() ->
        Driver = persistent_term:get(driver),
        Driver ! {born, self(), now_ns()},
        receive die -> ok end,
        Driver ! {dies, now_ns()},
        exit(failed)
    end)}.

%% The counters and the clock.

hit(Counter) ->
    counters:add(persistent_term:get(counters), Counter, 1).

count(Counter) ->
    counters:get(persistent_term:get(counters), Counter).

await_started(Count) ->
    case count(?STARTED) of
        Count -> ok;
        Less when Less < Count -> erlang:yield(), await_started(Count)
    end.

rate(Effort) ->
    Window = case Effort of "short" -> 120; "full" -> 250 end,
    timer:sleep(60),
    {Before, Begin} = {count(?RESTARTS), now_ns()},
    timer:sleep(Window),
    {After, End} = {count(?RESTARTS), now_ns()},
    true = After > Before,
    [(After - Before) * 1.0e9 / (End - Begin)].

resident() ->
    {ok, Text} = file:read_file("/proc/" ++ os:getpid() ++ "/statm"),
    [_, Pages | _] = string:lexemes(Text, " "),
    binary_to_integer(Pages) * 4096.

now_ns() -> erlang:monotonic_time(nanosecond).

milliseconds(Nanoseconds) -> Nanoseconds / 1000000.
