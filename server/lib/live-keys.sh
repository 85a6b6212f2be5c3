# shellcheck shell=bash
# Keys of worldserver.conf whose new value the worldserver takes over while it runs, when it is told `reload config`.
# They are read from the core's source (branch 3.3.5, src/server/game/World/World.cpp): of the 380 keys that
# World::LoadConfigSettings reads, those that the running game asks for again each time. `npm run test:real` compares
# the list with a source. Not in the list are
#   the six that the core itself refuses to change (WorldServerPort, GameType, RealmZone, MaxPlayerLevel, Expansion,
#     DataDir)
#   those that are used only at the start (World::SetInitialWorldSettings, constructors and Load functions: map threads,
#     vmaps, Wintergrasp, the time of the next reset of quests, …)
#   those that what exists already would not follow (health and damage of creatures, distances of sight, …)
# A key that is not in the list restarts the worldserver. Loggers are read again as a whole (Log::LoadFromConfig).
LIVE_KEYS='
Account.PasswordChangeSecurity AccountInstancesPerHour ActivateWeather AddonChannel AllFlightPaths
AllowLoggingIPAddressesInDatabase AllowTrackBothResources AllowTwoSide.Interaction.Auction
AllowTwoSide.Interaction.Calendar AllowTwoSide.Interaction.Channel AllowTwoSide.Interaction.Group
AllowTwoSide.Interaction.Guild AllowTwoSide.Trade AlwaysMaxSkillForLevel AlwaysMaxWeaponSkill
AntiCheat.PendingMoveChangesTimeoutTime Arena.ArenaLoseRatingModifier Arena.ArenaMatchmakerRatingModifier
Arena.ArenaStartMatchmakerRating Arena.ArenaStartPersonalRating Arena.ArenaStartRating Arena.ArenaWinRatingModifier1
Arena.ArenaWinRatingModifier2 Arena.MaxRatingDifference Arena.PreviousOpponentsDiscardTimer
Arena.QueueAnnouncer.Enable Arena.RatingDiscardTimer ArenaLog.ExtendedInfo ArenaTeam.CharterCost.2v2
ArenaTeam.CharterCost.3v3 ArenaTeam.CharterCost.5v5 Auction.GetAllScanDelay Auction.SearchDelay AutoBroadcast.Center
AutoBroadcast.On AutoBroadcast.Timer Battleground.CastDeserter Battleground.GiveXPForKills Battleground.InvitationType
Battleground.PremadeGroupWaitForMatch Battleground.PrematureFinishTimer Battleground.QueueAnnouncer.Enable
Battleground.QueueAnnouncer.PlayerOnly Battleground.ReportAFK Battleground.RewardLoserHonorFirst
Battleground.RewardLoserHonorLast Battleground.RewardWinnerArenaFirst Battleground.RewardWinnerArenaLast
Battleground.RewardWinnerHonorFirst Battleground.RewardWinnerHonorLast Battleground.StoreStatistics.Enable
Battleground.TrackDeserters.Enable BirthdayTime CastUnstuck Channel.RestrictedLfg CharDelete.DeathKnight.MinLevel
CharDelete.KeepDays CharDelete.Method CharDelete.MinLevel CharacterCreating.Disabled
CharacterCreating.Disabled.ClassMask CharacterCreating.Disabled.RaceMask CharacterCreating.MinLevelForDeathKnight
CharactersPerAccount CharactersPerRealm ChatFakeMessagePreventing ChatFlood.AddonMessageCount
ChatFlood.AddonMessageDelay ChatFlood.MessageCount ChatFlood.MessageDelay ChatFlood.MuteTime ChatLevelReq.Channel
ChatLevelReq.Emote ChatLevelReq.Say ChatLevelReq.Whisper ChatLevelReq.Yell ChatStrictLinkChecking.Kick
ChatStrictLinkChecking.Severity CheckGameObjectLoS Command.LookupMaxResults Compression
Creature.MovingStopTimeForPlayer Creature.PickPocketRefillDelay Creature.RegenHPCannotReachTargetInRaid
CreatureFamilyAssistanceDelay CreatureFamilyAssistanceRadius CreatureFamilyFleeAssistanceRadius
CreatureFamilyFleeDelay Death.Bones.BattlegroundOrArena Death.Bones.World Death.CorpseReclaimDelay.PvE
Death.CorpseReclaimDelay.PvP Death.SicknessLevel DeathKnightsPerRealm DeletedCharacterTicketTrace DetectPosCollision
Die.Command.Mode DisableWaterBreath DisconnectToleranceInterval DurabilityLoss.InPvP DurabilityLoss.OnDeath
DurabilityLossChance.Absorb DurabilityLossChance.Block DurabilityLossChance.Damage DurabilityLossChance.Parry
Event.Announce GM.AllowInvite GM.Chat GM.ForceShutdownThreshold GM.FreezeAuraDuration GM.InGMList.Level
GM.InWhoList.Level GM.LoginState GM.LowerSecurity GM.StartLevel GM.TicketSystem.ChanceOfGMSurvey GM.Visible
GM.WhisperingTo GridCleanUpDelay Guild.CharterCost HonorPointsAfterDuel Instance.IgnoreLevel Instance.IgnoreRaid
InstanceMapLoadAllGrids InstancesResetAnnounce InstantFlightPaths LevelReq.Auction LevelReq.Mail LevelReq.Ticket
LevelReq.Trade ListenRange.Say ListenRange.TextEmote ListenRange.Yell LogDB.Opt.ClearInterval LogDB.Opt.ClearTime
MailDeliveryDelay MapUpdateInterval MaxArenaPoints MaxGroupXPDistance MaxHonorPoints MaxOverspeedPings
MaxPrimaryTradeSkill MaxRecruitAFriendBonusDistance MaxWhoListReturns MinCharterName MinCreatureScaledXPRatio
MinDiscoveredScaledXPRatio MinDualSpecLevel MinPetName MinPetitionSigns MinPlayerName MinQuestScaledXPRatio Motd
NoGrayAggro.Above NoGrayAggro.Below NoResetTalentsCost OffhandCheckAtSpellUnlearn PacketSpoof.BanDuration
PacketSpoof.BanMode PartyLevelReq PartyRaidWarnings PlayerDump.DisallowOverwrite PlayerDump.DisallowPaths PlayerLimit
PlayerSave.Stats.MinLevel PlayerSave.Stats.SaveOnlyOnLogout PlayerSaveInterval PlayerStart.AllReputation
PlayerStart.AllSpells PlayerStart.MapsExplored PlayerStart.String PreventRenameCharacterOnCustomization
PvPToken.Enable PvPToken.ItemCount PvPToken.ItemID PvPToken.MapAllowType Quests.EnableQuestTracker
Quests.HighLevelHideDiff Quests.IgnoreAutoAccept Quests.IgnoreAutoComplete Quests.IgnoreRaid Quests.LowLevelHideDiff
Rate.ArenaPoints Rate.Auction.Cut Rate.Auction.Deposit Rate.Auction.Time Rate.Corpse.Decay.Looted Rate.Creature.Aggro
Rate.Creature.Elite.Elite.SpellDamage Rate.Creature.Elite.RARE.SpellDamage Rate.Creature.Elite.RAREELITE.SpellDamage
Rate.Creature.Elite.WORLDBOSS.SpellDamage Rate.Creature.Normal.SpellDamage Rate.Damage.Fall Rate.Drop.Item.Artifact
Rate.Drop.Item.Epic Rate.Drop.Item.Legendary Rate.Drop.Item.Normal Rate.Drop.Item.Poor Rate.Drop.Item.Rare
Rate.Drop.Item.Referenced Rate.Drop.Item.ReferencedAmount Rate.Drop.Item.Uncommon Rate.Drop.Money Rate.Energy
Rate.Focus Rate.Health Rate.Honor Rate.Mana Rate.Quest.Money.Max.Level.Reward Rate.Quest.Money.Reward Rate.Rage.Income
Rate.Rage.Loss Rate.RepairCost Rate.Reputation.Gain Rate.Reputation.LowLevel.Kill Rate.Reputation.LowLevel.Quest
Rate.Reputation.RecruitAFriendBonus Rate.Rest.InGame Rate.Rest.Offline.InTavernOrCity Rate.Rest.Offline.InWilderness
Rate.RunicPower.Income Rate.RunicPower.Loss Rate.Skill.Discovery Rate.Talent Rate.XP.BattlegroundKill Rate.XP.Explore
Rate.XP.Kill Rate.XP.Quest RecruitAFriend.MaxDifference RecruitAFriend.MaxLevel ResetDuelCooldowns ResetDuelHealthMana
Respawn.AlertRestartReason Respawn.DynamicEscortNPC Respawn.DynamicMinimumCreature Respawn.DynamicMinimumGameObject
Respawn.DynamicMode Respawn.DynamicRateCreature Respawn.DynamicRateGameObject Respawn.GuidAlertLevel
Respawn.GuidWarnLevel Respawn.MinCheckIntervalMS Respawn.RestartQuietTime Respawn.WarningFrequency
Respawn.WarningMessage Server.LoginInfo ShowBanInWorld ShowKickInWorld ShowMuteInWorld SkillChance.Green
SkillChance.Grey SkillChance.Milling SkillChance.MiningSteps SkillChance.Orange SkillChance.Prospecting
SkillChance.SkinningSteps SkillChance.Yellow SkillGain.Crafting SkillGain.Defense SkillGain.Gathering SkillGain.Weapon
SkipCinematics SocketTimeOutTime SocketTimeOutTimeActive StartArenaPoints StartDeathKnightPlayerLevel
StartDeathKnightPlayerMoney StartHonorPoints StartPlayerLevel StartPlayerMoney StrictCharterNames StrictPetNames
StrictPlayerNames TalentsInspecting UpdateUptimeInterval Visibility.GroupMode Warden.BanDuration
Warden.ClientCheckHoldOff Warden.ClientResponseDelay Warden.NumClientModChecks Warden.NumInjectionChecks
Warden.NumLuaSandboxChecks WorldBossLevelDiff XP.Boost.Rate
'
# is_live_key KEY
is_live_key() { [[ $1 == Logger.* || " ${LIVE_KEYS//$'\n'/ } " == *" $1 "* ]]; }

# settings_in FILE: its lines, sorted, without comments, outer blanks and the quotes of a value.
settings_in() {
  sed -E 's/^[[:space:]]+//; s/[[:space:]]+$//; /^([#;].*)?$/d; s/[[:space:]]*=[[:space:]]*/ = /; s/ = "(.*)"$/ = \1/' \
    "$1" | sort
}

# changed_keys FILE FILE: the keys whose values differ in these two confs, or that one of them lacks; a line that is no
# setting is printed whole.
changed_keys() {
  { diff <(settings_in "$1") <(settings_in "$2") || true; } | sed -nE 's/^[<>] //p' | sed -E 's/ = .*//' | sort -u
}

# are_live KEY…: the running worldserver takes over all of them.
are_live() {
  local key
  for key; do is_live_key "$key" || return 1; done
}
