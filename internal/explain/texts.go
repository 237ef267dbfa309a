package explain

import "github.com/synoptic-net/synoptic/tcp"

// The words of everything but diagnoses, which package diagnose asks for by id.
var (
	machineTexts     = translated[machineWords]{machineEnglish, machineZhCN, machineZhTW}
	fixTexts         = translated[fixWords]{fixEnglish, fixZhCN, fixZhTW}
	lookTexts        = translated[[3]string]{looksEnglish, looksZhCN, looksZhTW}
	stateTexts       = translated[[tcp.Closed + 1]StateText]{statesEnglish, statesZhCN, statesZhTW}
	mythTexts        = translated[map[string]MythText]{mythsEnglish, mythsEnglish, mythsEnglish}
	sourceTexts      = translated[map[string]string]{sourcesEnglish, sourcesEnglish, sourcesEnglish}
	deviationTexts   = translated[map[string]string]{}
	whyTexts         = translated[map[string]string]{}
	storyTexts       = translated[map[string]StoryText]{storiesEnglish, storiesEnglish, storiesEnglish}
	simulationTexts  = translated[simulationWords]{simulationEnglish, simulationEnglish, simulationEnglish}
	explorationTexts = translated[explorationWords]{explorationEnglish, explorationEnglish, explorationEnglish}
	correlationTexts = translated[correlationWords]{correlationEnglish, correlationEnglish, correlationEnglish}
)
