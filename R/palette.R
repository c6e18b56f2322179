# Colors of groups, so that a cluster has the same color as in Python and on the report page: the
# list of python/scinno/_drawing/palette.py, which says how they were chosen. A test compares both.
scinno_palette <- c(
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#783c4b", "#8778ff",
    "#78c387", "#b42d87", "#b42d00", "#5a2dc3", "#f05a69", "#1e6900", "#871e87", "#ff78d2",
    "#965a5a", "#4b5aff", "#00962d", "#6978d2", "#7896ff", "#ff9669", "#a56996", "#5a4ba5",
    "#87b4a5", "#5ac34b", "#963c69", "#3c6987", "#e11ed2", "#2d00ff"
)

# Cells that are in no group.
no_group <- "#b4bcc6"

# One color per group, by name, so that a group keeps its color if others are not drawn. The colors
# repeat after 30.
colors_of <- function(groups) {
    stats::setNames(rep_len(scinno_palette, length(groups)), groups)
}
