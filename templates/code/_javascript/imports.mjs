%% if save and keep
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
%% elif save
import { appendFileSync, rmSync } from "node:fs";
%% elif keep
import { writeFileSync } from "node:fs";
%% endif
%% if retry
import { setTimeout as sleep } from "node:timers/promises";
%% endif
